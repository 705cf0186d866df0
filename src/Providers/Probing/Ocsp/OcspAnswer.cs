using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Runs;

namespace CertOperator.Providers.Probing.Ocsp;

/// <summary>What an OCSP response says of one certificate: SingleResponse of RFC 6960, section 4.2.1.</summary>
internal sealed record OcspAnswer
{
    public required OcspStatus Status { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>CRLReason of RFC 5280, section 5.3.1, by its number.</summary>
    public int? Reason { get; init; }

    public required DateTimeOffset ThisUpdate { get; init; }

    public DateTimeOffset? NextUpdate { get; init; }

    /// <summary>As the certificate writes it.</summary>
    public required ReadOnlyMemory<byte> Serial { get; init; }

    public required string HashAlgorithm { get; init; }

    public required ReadOnlyMemory<byte> IssuerNameHash { get; init; }

    public required ReadOnlyMemory<byte> IssuerKeyHash { get; init; }

    /// <summary>The tag of an explicit or implicit, constructed field.</summary>
    public static Asn1Tag Field(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);

    /// <exception cref="AsnContentException">The sequence is no SingleResponse.</exception>
    public static OcspAnswer Read(AsnReader answer)
    {
        var id = answer.ReadSequence();
        var read = new OcspAnswer
        {
            HashAlgorithm = id.ReadSequence().ReadObjectIdentifier(),
            IssuerNameHash = id.ReadOctetString(),
            IssuerKeyHash = id.ReadOctetString(),
            Serial = id.ReadIntegerBytes(),
            Status = OcspStatus.Unknown,
            ThisUpdate = default,
        };
        read = ReadStatus(answer, read) with { ThisUpdate = answer.ReadGeneralizedTime() };
        return answer.HasData && answer.PeekTag() == Field(0) ? read with { NextUpdate = answer.ReadSequence(Field(0)).ReadGeneralizedTime() } : read;
    }

    /// <summary>Whether the answer is about this certificate: a serial number alone is unique with one CA only.</summary>
    public bool IsAbout(X509Certificate2 leaf, X509Certificate2 issuer)
    {
        HashAlgorithmName? algorithm = HashAlgorithm switch
        {
            "1.3.14.3.2.26" => HashAlgorithmName.SHA1,
            "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
            "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
            "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
            _ => null,
        };
        return algorithm is { } hash
            && Serial.Span.SequenceEqual(leaf.SerialNumberBytes.Span)
            && IssuerNameHash.Span.SequenceEqual(CryptographicOperations.HashData(hash, issuer.SubjectName.RawData))
            && IssuerKeyHash.Span.SequenceEqual(CryptographicOperations.HashData(hash, issuer.PublicKey.EncodedKeyValue.RawData));
    }

    private static OcspAnswer ReadStatus(AsnReader answer, OcspAnswer read)
    {
        if (answer.PeekTag() == Field(1))
        {
            var revoked = answer.ReadSequence(Field(1));
            read = read with { Status = OcspStatus.Revoked, RevokedAt = revoked.ReadGeneralizedTime() };
            return revoked.HasData && revoked.ReadSequence(Field(0)).ReadEnumeratedBytes().Span is [var reason] ? read with { Reason = reason } : read;
        }

        var good = answer.PeekTag() == new Asn1Tag(TagClass.ContextSpecific, 0);
        answer.ReadNull(new Asn1Tag(TagClass.ContextSpecific, good ? 0 : 2));
        return read with { Status = good ? OcspStatus.Good : OcspStatus.Unknown };
    }
}
