namespace CertOperator.Acme;

/// <summary>JWS algorithms for account keys (RFC 7518 section 3.1).</summary>
public enum AccountKeyAlgorithm
{
    /// <summary>ECDSA on P-256.</summary>
    ES256,

    /// <summary>ECDSA on P-384.</summary>
    ES384,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256, for CAs and hardware without ECDSA.</summary>
    RS256,
}
