namespace CertOperator.Kubernetes;

/// <summary>One of the reasons for a refusal.</summary>
public sealed class StatusCause
{
    /// <summary>A constant such as "FieldValueInvalid" or "FieldManagerConflict".</summary>
    public string? Reason { get; set; }

    public string? Message { get; set; }

    /// <summary>Path of the field, such as "spec.hostname".</summary>
    public string? Field { get; set; }
}
