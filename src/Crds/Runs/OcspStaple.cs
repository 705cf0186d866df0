using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Runs;

/// <summary>The OCSP response that an endpoint sends along with its certificate (RFC 6066, section 8).</summary>
public sealed record OcspStaple
{
    /// <summary>Good, Revoked and Unknown are the word of the CA or of a responder that it has named; Invalid is a response that counts for nothing, as message says.</summary>
    [Required]
    public OcspStatus Status { get; init; }

    /// <summary>The time that the response speaks of. A later response that says the same is not written.</summary>
    public DateTimeOffset? ThisUpdate { get; init; }

    /// <summary>When the response expires.</summary>
    public DateTimeOffset? NextUpdate { get; init; }

    /// <summary>Since when the certificate is revoked and why, or why the response counts for nothing.</summary>
    public string? Message { get; init; }
}

/// <summary>What a stapled OCSP response says of the certificate.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OcspStatus>))]
public enum OcspStatus
{
    Good,
    Revoked,
    Unknown,
    Invalid,
}
