namespace CertOperator.Kubernetes;

/// <summary>How an object is deleted.</summary>
public sealed class DeleteOptions
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "DeleteOptions";

    /// <summary>What must hold, or the deletion ends in <see cref="ConflictException"/>.</summary>
    public DeletePreconditions? Preconditions { get; set; }

    /// <summary>"Foreground", "Background" or "Orphan"; null: the kind's default.</summary>
    public string? PropagationPolicy { get; set; }

    public long? GracePeriodSeconds { get; set; }

    /// <summary>Deletes the object only if it is this one in this version.</summary>
    public static DeleteOptions OnlyIf(string? uid, string? resourceVersion = null) =>
        new() { Preconditions = new DeletePreconditions { Uid = uid, ResourceVersion = resourceVersion } };
}
