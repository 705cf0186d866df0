using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Runs;

namespace CertOperator.Providers.Tests.Probing.Ocsp;

/// <summary>A signed OCSP response (RFC 6960, section 4.2.1): good, by the CA itself and without fault unless a test says otherwise.</summary>
internal sealed record OcspResponseBuilder(X509Certificate2 Leaf, X509Certificate2 Issuer, DateTimeOffset Now)
{
    public OcspStatus Status { get; init; } = OcspStatus.Good;

    public X509Certificate2 About { get; init; } = Leaf;

    public X509Certificate2 AboutIssuer { get; init; } = Issuer;

    public DateTimeOffset ThisUpdate { get; init; } = Now.AddHours(-1);

    public DateTimeOffset? NextUpdate { get; init; } = Now.AddDays(3);

    public AsymmetricAlgorithm Signer { get; init; } = Issuer.GetECDsaPrivateKey()!;

    public HashAlgorithmName IdHash { get; init; } = HashAlgorithmName.SHA1;

    /// <summary>A responder's certificate to enclose.</summary>
    public X509Certificate2? Enclosed { get; init; }

    public byte[] Build()
    {
        var data = Data();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(data);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Signer is RSA ? "1.2.840.113549.1.1.11" : "1.2.840.10045.4.3.2");
            }

            writer.WriteBitString(Signer switch
            {
                RSA rsa => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                ECDsa ecdsa => ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
                _ => throw new InvalidOperationException("The key is neither RSA nor ECDSA."),
            });
            if (Enclosed is not null)
            {
                using (writer.PushSequence(Field(0)))
                using (writer.PushSequence())
                {
                    writer.WriteEncodedValue(Enclosed.RawData);
                }
            }
        }

        return Envelope(writer.Encode());
    }

    private static byte[] Envelope(byte[] basic)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue([0x0a, 1, 0]);
            using (writer.PushSequence(Field(0)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.1");
                writer.WriteOctetString(basic);
            }
        }

        return writer.Encode();
    }

    private byte[] Data()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Field(1)))
            {
                writer.WriteEncodedValue(Issuer.SubjectName.RawData);
            }

            writer.WriteGeneralizedTime(Now, omitFractionalSeconds: true);
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                WriteId(writer);
                WriteStatus(writer);
                writer.WriteGeneralizedTime(ThisUpdate, omitFractionalSeconds: true);
                if (NextUpdate is { } next)
                {
                    using (writer.PushSequence(Field(0)))
                    {
                        writer.WriteGeneralizedTime(next, omitFractionalSeconds: true);
                    }
                }
            }
        }

        return writer.Encode();
    }

    private void WriteId(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(IdHash == HashAlgorithmName.SHA1 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1");
                writer.WriteNull();
            }

            writer.WriteOctetString(CryptographicOperations.HashData(IdHash, AboutIssuer.SubjectName.RawData));
            writer.WriteOctetString(CryptographicOperations.HashData(IdHash, AboutIssuer.PublicKey.EncodedKeyValue.RawData));
            writer.WriteInteger(About.SerialNumberBytes.Span);
        }
    }

    private void WriteStatus(AsnWriter writer)
    {
        if (Status != OcspStatus.Revoked)
        {
            writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, Status == OcspStatus.Good ? 0 : 2));
            return;
        }

        using (writer.PushSequence(Field(1)))
        {
            writer.WriteGeneralizedTime(Now.AddDays(-2), omitFractionalSeconds: true);
            using (writer.PushSequence(Field(0)))
            {
                writer.WriteEncodedValue([0x0a, 1, 1]);
            }
        }
    }

    private static Asn1Tag Field(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
