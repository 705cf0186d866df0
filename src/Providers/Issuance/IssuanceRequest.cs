using CertOperator.Crds.Policies;

namespace CertOperator.Providers.Issuance;

/// <summary>What is ordered, where, and with which account: plain data, so that a provider needs no access to the cluster.</summary>
public sealed record IssuanceRequest
{
    public required Issuer Issuer { get; init; }

    /// <summary>Tells the request of one run from that of another, the same for every try of the run.</summary>
    public required string RunUid { get; init; }

    /// <summary>Namespace and name of the policy, for labels and names at the provider.</summary>
    public required string Owner { get; init; }

    /// <summary>DNS names and IP addresses, normalised, the policy's hostname first.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>How control over the names is proven.</summary>
    public required ChallengeKind Challenge { get; init; }

    /// <summary>SHA-256 of the certificate in use, hexadecimal: a provider that renews by itself may still have that one. Null where there is none, and where that one is wanted again.</summary>
    public string? InUse { get; init; }

    /// <summary>What the order of the policy's last run was known by, where that run got no certificate; null where it did, or none is known.</summary>
    public string? UnfinishedOrder { get; init; }

    /// <summary>Uids of earlier runs of the policy that ended while they placed an order and may have left one behind.</summary>
    public IReadOnlyList<string> LostRuns { get; init; } = [];

    /// <summary>When the run began; null where that is not known.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the run was last taken up again; null where it never had ended.</summary>
    public DateTimeOffset? ResumedAt { get; init; }

    /// <summary>True where a person asked for it, whether or not it was due.</summary>
    public bool IsAskedFor { get; init; }

    /// <summary>What the order of the certificate in use was known by; null where that is not known.</summary>
    public string? InUseOrder { get; init; }

    /// <summary>The certificate that is renewed, as the CA knows it (RFC 9773, section 4.1); null where that is not known.</summary>
    public string? Replaces { get; init; }
}

/// <summary>A place that issues, and who asks there.</summary>
public abstract record Issuer
{
    /// <summary>Where the policy says how this place is asked, for advice.</summary>
    public string Field { get; init; } = AcmeIssuer.DefaultField;

    /// <summary>What the place is known by; cooldowns and limits count by it.</summary>
    public required Uri Server { get; init; }
}

/// <summary>An ACME server and the account to use there.</summary>
public sealed record AcmeIssuer : Issuer
{
    /// <summary>Where a policy says how the provider acme is asked.</summary>
    public const string DefaultField = "spec.providerConfig.acme";

    public required string? Email { get; init; }

    public required string? CaBundle { get; init; }

    public required string? PreferredChain { get; init; }

    public required string? Profile { get; init; }

    /// <summary>PKCS#8 PEM of the account's key.</summary>
    public required string AccountKeyPem { get; init; }

    public required ExternalAccountCredentials? ExternalAccount { get; init; }

    /// <summary>Keeps keys out of logs and exception texts that print the record.</summary>
    public override string ToString() => $"AcmeIssuer {{ {Server} }}";
}

/// <summary>Key identifier and MAC key (base64url) that the CA gave out.</summary>
public sealed record ExternalAccountCredentials(string KeyId, string HmacKey)
{
    public override string ToString() => $"ExternalAccountCredentials {{ {KeyId} }}";
}
