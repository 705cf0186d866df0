namespace CertOperator.Providers.Pki;

/// <summary>The kinds of keys that certificates are requested for.</summary>
public enum KeyAlgorithm
{
    /// <summary>Elliptic curve; sizes 256 (P-256) and 384 (P-384).</summary>
    Ecdsa,

    /// <summary>RSA; sizes 2048, 3072 and 4096.</summary>
    Rsa,
}
