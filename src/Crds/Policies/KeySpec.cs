using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>What kind of private key is made.</summary>
public sealed record KeySpec
{
    /// <summary>ECDSA or RSA. Default: ECDSA.</summary>
    public PrivateKeyAlgorithm? Algorithm { get; init; }

    /// <summary>256 or 384 for ECDSA (default 256); 2048, 3072 or 4096 for RSA (default 2048).</summary>
    [RangeMinimum(256)]
    [RangeMaximum(4096)]
    public int? Size { get; init; }

    /// <summary>Always makes a new key for each renewal; Never keeps the key that is in use. Default: Always; for the key backend aws_kms, which rotates no signing key, Never.</summary>
    public KeyRotation? Rotation { get; init; }
}

/// <summary>Settings of the key backend.</summary>
public sealed record KeyBackendConfig
{
    /// <summary>staging selects the CA's staging endpoint, whose certificates no browser trusts. Only letsencrypt has one.</summary>
    public CaEndpoint? Endpoint { get; init; }

    /// <summary>For the key backend vault.</summary>
    public VaultKeyConfig? Vault { get; init; }

    /// <summary>For the key backend aws_kms.</summary>
    public AwsKmsConfig? AwsKms { get; init; }
}

/// <summary>Labels and annotations for the Secret. Keys of kubernetes.io and certoperator.io are refused.</summary>
public sealed record SecretTemplate
{
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>A further form of the key pair in the Secret.</summary>
public sealed record SecretOutput
{
    /// <summary>CombinedPem (tls-combined.pem: key, then chain), Der (key.der: PKCS#8) or Pkcs12 (keystore.p12).</summary>
    [Required]
    public SecretOutputKind Type { get; init; }

    /// <summary>For Pkcs12: the Secret whose key "password" protects the key store.</summary>
    [Length(1, 253)]
    public string? PasswordSecretName { get; init; }
}

/// <summary>What is probed, after the Secret was written and from time to time.</summary>
public sealed record VerifySpec
{
    /// <summary>Endpoints as host:port. Default: the hostname, at port 443 or that of startTls.</summary>
    [Items(1, 20)]
    public IReadOnlyList<string>? Endpoints { get; init; }

    /// <summary>The protocol in which the endpoints are asked for TLS: smtp (port 25 unless an endpoint says otherwise), imap (143) or postgres (5432). Default: TLS from the start.</summary>
    public StartTlsProtocol? StartTls { get; init; }

    /// <summary>Address (host or host:port) to dial instead of resolving the endpoint's host; the TLS server name stays the endpoint's.</summary>
    [Length(1, 262)]
    public string? ConnectTo { get; init; }

    /// <summary>PEM certificates to trust, in addition to the system's, when judging the served chain.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }

    /// <summary>How long a run waits until every endpoint serves the new certificate. Default: 60.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(3600)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>Whether a run that has waited in vain needs a person. Default: false, then it succeeds and the condition ServedCertificateMatches tells.</summary>
    public bool? Required { get; init; }

    /// <summary>True for hosts that the operator cannot reach: nothing is probed.</summary>
    public bool? None { get; init; }
}
