namespace CertOperator.Kubernetes;

/// <summary>What must hold for a deletion; null fields are not looked at.</summary>
public sealed class DeletePreconditions
{
    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }
}
