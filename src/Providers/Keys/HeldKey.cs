using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys;

/// <summary>The key of a certificate whose issuer keeps it: known by its public half, of use to the issuer alone.</summary>
public sealed class HeldKey : ICertificateKey
{
    private HeldKey(KeyAlgorithm algorithm, int size, byte[] subjectPublicKeyInfo, KeyReference reference)
        => (Algorithm, Size, SubjectPublicKeyInfo, Reference) = (algorithm, size, subjectPublicKeyInfo, reference);

    public KeyAlgorithm Algorithm { get; }

    public int Size { get; }

    public byte[] SubjectPublicKeyInfo { get; }

    public KeyReference Reference { get; }

    public PrivateKeyPair? Exported => null;

    /// <exception cref="PkiException">The certificate's key is neither RSA nor ECDSA.</exception>
    public static HeldKey Of(X509Certificate2 certificate, KeyReference reference)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var rsa = certificate.GetRSAPublicKey();
        using var ecdsa = rsa is null ? certificate.GetECDsaPublicKey() : null;
        var key = (AsymmetricAlgorithm?)rsa ?? ecdsa ?? throw new PkiException(PkiReasons.UnsupportedKey, "The certificate's key is neither RSA nor ECDSA.");
        return new HeldKey(rsa is null ? KeyAlgorithm.Ecdsa : KeyAlgorithm.Rsa, key.KeySize, certificate.PublicKey.ExportSubjectPublicKeyInfo(), reference);
    }

    public Task<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        => throw new PkiException(PkiReasons.UnsupportedKey, "The issuer of the certificate keeps its key, and signs nothing else with it.");

    public void Dispose()
    {
    }
}
