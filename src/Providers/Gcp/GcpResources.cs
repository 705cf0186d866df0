using System.Text.Json.Serialization;

namespace CertOperator.Providers.Gcp;

/// <summary>A certificate of Certificate Manager (REST reference, v1, projects.locations.certificates), as far as it is used here.</summary>
public sealed record GcpCertificate
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public GcpManagedCertificate? Managed { get; init; }

    public GcpSelfManagedCertificate? SelfManaged { get; init; }

    /// <summary>The chain, leaf first, once there is one.</summary>
    public string? PemCertificate { get; init; }

    /// <summary>Keeps the key of an upload out of logs and exception texts that print the record.</summary>
    public override string ToString() => $"GcpCertificate {{ {Name} }}";
}

/// <summary>One that Google issues.</summary>
public sealed record GcpManagedCertificate
{
    public IReadOnlyList<string>? Domains { get; init; }

    /// <summary>Names of the authorizations, in full.</summary>
    public IReadOnlyList<string>? DnsAuthorizations { get; init; }

    /// <summary>PROVISIONING, FAILED or ACTIVE.</summary>
    public string? State { get; init; }

    public GcpProvisioningIssue? ProvisioningIssue { get; init; }

    public IReadOnlyList<GcpAuthorizationAttempt>? AuthorizationAttemptInfo { get; init; }
}

/// <summary>What keeps Google from issuing.</summary>
public sealed record GcpProvisioningIssue(string? Reason, string? Details);

/// <summary>How far the proof of control over one domain is.</summary>
public sealed record GcpAuthorizationAttempt(string? Domain, string? State, string? FailureReason, string? Details);

/// <summary>One that is uploaded.</summary>
public sealed record GcpSelfManagedCertificate(string? PemCertificate, string? PemPrivateKey)
{
    public override string ToString() => nameof(GcpSelfManagedCertificate);
}

/// <summary>Lets Google issue for a domain as long as a CNAME record points where it says.</summary>
public sealed record GcpDnsAuthorization
{
    public string? Name { get; init; }

    public string? Domain { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public GcpDnsRecord? DnsResourceRecord { get; init; }
}

public sealed record GcpDnsRecord(string? Name, string? Type, string? Data);

/// <summary>A long-running operation (AIP-151).</summary>
public sealed record GcpOperation(string? Name, bool? Done, GcpError? Error);

public sealed record GcpError(int? Code, string? Message, string? Status);

internal sealed record GcpErrorAnswer(GcpError? Error);

internal sealed record GcpToken(
    [property: JsonPropertyName("access_token")] string? Value,
    [property: JsonPropertyName("expires_in")] int ExpiresIn);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GcpCertificate))]
[JsonSerializable(typeof(GcpDnsAuthorization))]
[JsonSerializable(typeof(GcpOperation))]
[JsonSerializable(typeof(GcpErrorAnswer))]
[JsonSerializable(typeof(GcpToken))]
internal sealed partial class GcpJsonContext : JsonSerializerContext;
