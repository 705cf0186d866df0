using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.PrivateCa;

/// <summary>Makes self-signed CAs.</summary>
public static class RootCertificates
{
    private const string SerialNumberAttribute = "2.5.4.5";
    private const int KeyBits = 384;

    /// <summary>
    /// A new CA with a key of its own. Each has a subject of its own too, so that clients which look for an issuer by name find the right
    /// one of two that are trusted side by side. It signs leaves only.
    /// </summary>
    /// <param name="commonName">Common name.</param>
    /// <param name="lifetime">How long it is valid.</param>
    /// <param name="domains">DNS domains that it may issue for; none for any.</param>
    /// <param name="now">The start of its validity.</param>
    public static RootPair Create(string commonName, TimeSpan lifetime, IReadOnlyList<string> domains, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var pair = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, KeyBits);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(commonName);
        subject.Add(SerialNumberAttribute, Convert.ToHexStringLower(SHA256.HashData(pair.SubjectPublicKeyInfo))[..16], UniversalTagNumber.PrintableString);
        var request = new CertificateRequest(subject.Build(), (ECDsa)pair.Key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (domains.Count > 0)
        {
            request.CertificateExtensions.Add(NameConstraints.Permit(domains));
        }

        using var certificate = request.CreateSelfSigned(now, now + lifetime);
        return new RootPair(certificate.ExportCertificatePem() + "\n", pair.ToPkcs8Pem());
    }
}

/// <summary>A CA's certificate and key in PEM.</summary>
public sealed record RootPair(string CertificatePem, string KeyPem)
{
    // The text that records write of themselves would show the key.
    public override string ToString() => nameof(RootPair);
}
