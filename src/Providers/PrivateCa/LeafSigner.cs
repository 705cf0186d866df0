using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.PrivateCa;

/// <summary>Signs certificates for servers. Of a signing request only the key is taken: what stands in the certificate is decided here.</summary>
internal static class LeafSigner
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string AuthorityInformationAccess = "1.3.6.1.5.5.7.1.1";
    private const string CaIssuers = "1.3.6.1.5.5.7.48.2";
    private const int SerialBytes = 20;
    private const int MaxCommonNameLength = 64;

    /// <summary>Clocks of clients may be behind.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(5);

    /// <returns>The certificate in PEM.</returns>
    /// <exception cref="IssuanceException">The request cannot be read, or is not signed with its key.</exception>
    public static string Sign(CertificateAuthority authority, PrivateCaIssuer issuer, IssuanceRequest wanted, byte[] signingRequest, DateTimeOffset now)
    {
        var key = KeyOf(signingRequest);
        var names = wanted.Names;
        var commonName = names.FirstOrDefault(n => !IPAddress.TryParse(n, out _) && n.Length <= MaxCommonNameLength);
        var anonymous = authority.ConstrainsSubjects || commonName is null;
        var subject = new X500DistinguishedNameBuilder();
        if (!anonymous)
        {
            subject.AddCommonName(commonName!);
        }

        var certificate = new CertificateRequest(subject.Build(), key, authority.Hash);
        certificate.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        certificate.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | (IsRsa(key) ? X509KeyUsageFlags.KeyEncipherment : 0), critical: true));
        certificate.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuth)], critical: false));
        certificate.CertificateExtensions.Add(AlternativeNames(names, critical: anonymous));
        certificate.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        certificate.CertificateExtensions.Add(AuthorityKey(authority.Certificate));
        if (issuer.CrlUrls.Count > 0)
        {
            certificate.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(issuer.CrlUrls));
        }

        if (issuer.IssuerUrls.Count > 0)
        {
            certificate.CertificateExtensions.Add(IssuersAt(issuer.IssuerUrls));
        }

        var notBefore = Later(now - Backdating, new DateTimeOffset(authority.Certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero));
        var notAfter = now + issuer.Lifetime < authority.NotAfter ? now + issuer.Lifetime : authority.NotAfter;
        using var signed = certificate.Create(authority.Certificate.SubjectName, authority.CreateGenerator(), notBefore, notAfter, Serial(authority, wanted.RunUid, key, now));
        return signed.ExportCertificatePem() + "\n";
    }

    /// <summary>Another one each time: a run that is interrupted signs again, and that certificate differs in its validity (RFC 5280, section 4.1.2.2).</summary>
    private static byte[] Serial(CertificateAuthority authority, string runUid, PublicKey key, DateTimeOffset now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"certoperator serial v2\n{runUid}\n{now.UtcTicks}\n")));
        hash.AppendData(SHA256.HashData(authority.Certificate.RawDataMemory.Span));
        hash.AppendData(key.ExportSubjectPublicKeyInfo());
        var serial = hash.GetHashAndReset()[..SerialBytes];

        // RFC 5280, section 4.1.2.2: positive, and at most 20 bytes long.
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static PublicKey KeyOf(byte[] signingRequest)
    {
        // The hash is that of a certificate which this object does not sign.
        try
        {
            return CertificateRequest.LoadSigningRequest(signingRequest, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions).PublicKey;
        }
        catch (CryptographicException e)
        {
            throw new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.SigningRequestRefused, "The signing request cannot be read, or is not signed with its own key.", inner: e);
        }
    }

    private static bool IsRsa(PublicKey key)
    {
        using var rsa = key.GetRSAPublicKey();
        return rsa is not null;
    }

    private static X509Extension AlternativeNames(IReadOnlyList<string> names, bool critical)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else
            {
                builder.AddDnsName(name);
            }
        }

        return builder.Build(critical);
    }

    private static X509AuthorityKeyIdentifierExtension AuthorityKey(X509Certificate2 authority)
        => authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier
            ? X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier)
            : X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(authority.IssuerName, authority.SerialNumberBytes.Span);

    /// <summary>RFC 5280, section 4.2.2.1.</summary>
    private static X509Extension IssuersAt(IReadOnlyList<string> urls)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var url in urls)
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(CaIssuers);
                    writer.WriteCharacterString(UniversalTagNumber.IA5String, url, new Asn1Tag(TagClass.ContextSpecific, 6));
                }
            }
        }

        return new X509Extension(AuthorityInformationAccess, writer.Encode(), critical: false);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
