using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>One object of settings per provider.</summary>
public sealed record ProviderConfig
{
    /// <summary>For the provider acme, and for letsencrypt where acme is no provider of the policy.</summary>
    public AcmeConfig? Acme { get; init; }

    /// <summary>For the provider letsencrypt where it differs from acme.</summary>
    public AcmeConfig? Letsencrypt { get; init; }

    /// <summary>For the provider aws_acm.</summary>
    public AwsAcmConfig? AwsAcm { get; init; }

    /// <summary>For the provider gcp_cm.</summary>
    public GcpCmConfig? GcpCm { get; init; }

    /// <summary>For the provider vault_pki.</summary>
    public VaultPkiConfig? VaultPki { get; init; }

    /// <summary>For the provider private_ca.</summary>
    public PrivateCaConfig? PrivateCa { get; init; }
}

/// <summary>How an ACME certificate authority (RFC 8555) is reached and which account is used there.</summary>
public sealed record AcmeConfig
{
    /// <summary>Directory URL, https only. Required for the provider acme; letsencrypt knows its own.</summary>
    [Length(1, 2048)]
    public string? Server { get; init; }

    /// <summary>Directory URL of an endpoint of the same CA whose certificates nobody trusts, https only; dry runs place their orders there. Default: for letsencrypt its staging endpoint, for others none.</summary>
    [Length(1, 2048)]
    public string? StagingServer { get; init; }

    /// <summary>Contact of the account. A changed one is told to the CA by the next run; an absent one leaves what the CA has. Let's Encrypt no longer sends mail to it; other CAs do.</summary>
    [Length(3, 254)]
    public string? Email { get; init; }

    /// <summary>PEM certificates to trust for the server, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }

    /// <summary>Binds the ACME account to an account that the CA gave out before (RFC 8555, section 7.3.4).</summary>
    public ExternalAccountBindingConfig? ExternalAccountBinding { get; init; }

    /// <summary>Secret with the account's private key (key "tls.key"); made when absent. Default: one per server, named certoperator-acme-HASH.</summary>
    [Length(1, 253)]
    public string? AccountSecretName { get; init; }

    /// <summary>Where the CA offers several chains: the one whose topmost issuer has this common name is taken, else the CA's default.</summary>
    [Length(1, 256)]
    public string? PreferredChain { get; init; }

    /// <summary>Certificate profile to ask for; the CA's directory lists those it has.</summary>
    [Length(1, 64)]
    public string? Profile { get; init; }

    /// <summary>Whether the CA is asked when to renew (RFC 9773), where it offers that. Default: true.</summary>
    public bool? UseAri { get; init; }
}

/// <summary>The CA's identifier for the account and the Secret that holds the key to sign with.</summary>
public sealed record ExternalAccountBindingConfig
{
    /// <summary>Key identifier from the CA.</summary>
    [Required]
    [Length(1, 1024)]
    public string KeyId { get; init; } = "";

    /// <summary>Secret, in the policy's namespace, that holds the base64url-encoded MAC key.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>Key in that Secret. Default: hmacKey.</summary>
    [Length(1, 253)]
    public string? Key { get; init; }
}
