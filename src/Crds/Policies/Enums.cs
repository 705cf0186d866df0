using System.Text.Json.Serialization;

namespace CertOperator.Crds.Policies;

/// <summary>Who issues a certificate.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CertificateProviderKind>))]
public enum CertificateProviderKind
{
    [JsonStringEnumMemberName("letsencrypt")] LetsEncrypt,
    [JsonStringEnumMemberName("acme")] Acme,
    [JsonStringEnumMemberName("aws_acm")] AwsAcm,
    [JsonStringEnumMemberName("gcp_cm")] GcpCm,
    [JsonStringEnumMemberName("vault_pki")] VaultPki,
    [JsonStringEnumMemberName("private_ca")] PrivateCa,
    [JsonStringEnumMemberName("manual")] Manual,
}

/// <summary>How control over a name is proven.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChallengeKind>))]
public enum ChallengeKind
{
    [JsonStringEnumMemberName("http-01")] Http01,
    [JsonStringEnumMemberName("dns-01")] Dns01,
    [JsonStringEnumMemberName("none")] None,
}

/// <summary>Where a private key lives.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyBackendKind>))]
public enum KeyBackendKind
{
    [JsonStringEnumMemberName("local")] Local,
    [JsonStringEnumMemberName("vault")] Vault,
    [JsonStringEnumMemberName("aws_kms")] AwsKms,
}

/// <summary>Which of the CA's endpoints is used.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CaEndpoint>))]
public enum CaEndpoint
{
    [JsonStringEnumMemberName("staging")] Staging,
}

/// <summary>Algorithm of a private key.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PrivateKeyAlgorithm>))]
public enum PrivateKeyAlgorithm
{
    [JsonStringEnumMemberName("ECDSA")] Ecdsa,
    [JsonStringEnumMemberName("RSA")] Rsa,
}

/// <summary>Whether a renewal makes a new private key.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KeyRotation>))]
public enum KeyRotation
{
    Always,
    Never,
}

/// <summary>A further form of the key pair.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SecretOutputKind>))]
public enum SecretOutputKind
{
    CombinedPem,
    Der,
    Pkcs12,
}

/// <summary>A protocol in which TLS begins after the client has asked for it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StartTlsProtocol>))]
public enum StartTlsProtocol
{
    [JsonStringEnumMemberName("smtp")] Smtp,
    [JsonStringEnumMemberName("imap")] Imap,
    [JsonStringEnumMemberName("postgres")] Postgres,
}

/// <summary>What a policy is doing: Idle, or the phase of its run in progress, or how its last run ended where that needs attention.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PolicyPhase>))]
public enum PolicyPhase
{
    Idle,
    Queued,
    Running,
    Failed,
    NeedsManual,
}
