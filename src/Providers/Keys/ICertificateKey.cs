using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys;

/// <summary>The private key of a certificate, wherever it lives.</summary>
public interface ICertificateKey : IDisposable
{
    KeyAlgorithm Algorithm { get; }

    /// <summary>Size in bits of the curve or of the modulus.</summary>
    int Size { get; }

    /// <summary>The public key in DER (RFC 5280, section 4.1.2.7).</summary>
    byte[] SubjectPublicKeyInfo { get; }

    /// <summary>Where the key is kept; null for one that is in the Secret alone.</summary>
    KeyReference? Reference { get; }

    /// <summary>Signs data with SHA-256, or SHA-384 for P-384: ECDSA as a DER sequence (RFC 3279, section 2.2.3), RSA as PKCS#1 v1.5.</summary>
    /// <exception cref="Issuance.IssuanceException">The backend refused or cannot be reached.</exception>
    Task<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>The private key itself; null where it never leaves its backend. Owned by this object.</summary>
    PrivateKeyPair? Exported { get; }
}
