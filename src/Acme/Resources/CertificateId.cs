using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Acme;

/// <summary>
/// Names a certificate towards its CA (RFC 9773 section 4.1): base64url of the authority key identifier, a dot, base64url of the serial
/// number's DER content, which keeps the leading zero of a high first bit.
/// </summary>
public sealed record CertificateId
{
    private CertificateId(string value) => Value = value;

    public string Value { get; }

    /// <summary>The id, or null when the certificate has no authority key identifier with a key id: then there is no renewal information for it.</summary>
    public static CertificateId? TryFrom(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var keyId = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Select(KeyIdentifierOf).FirstOrDefault();
        return keyId is { Length: > 0 } id ? From(id.Span, certificate.SerialNumberBytes.Span) : null;
    }

    /// <summary>The id from its parts; <paramref name="serial"/> is the DER INTEGER's content, big-endian.</summary>
    public static CertificateId From(ReadOnlySpan<byte> authorityKeyIdentifier, ReadOnlySpan<byte> serial) =>
        new($"{Base64Url.EncodeToString(authorityKeyIdentifier)}.{Base64Url.EncodeToString(serial)}");

    /// <summary>Reads an id that was stored before.</summary>
    /// <exception cref="FormatException">Not two base64url parts with a dot between.</exception>
    public static CertificateId Parse(string value) =>
        TryParse(value) ?? throw new FormatException("An ARI certificate id is two base64url parts with a dot between.");

    /// <summary>Reads an id that was stored before; null where it is none.</summary>
    public static CertificateId? TryParse(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var dot = value.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < value.Length - 1 && Base64UrlText.IsValid(value.AsSpan(0, dot)) && Base64UrlText.IsValid(value.AsSpan(dot + 1))
            ? new CertificateId(value)
            : null;
    }

    public override string ToString() => Value;

    private static ReadOnlyMemory<byte>? KeyIdentifierOf(X509AuthorityKeyIdentifierExtension extension)
    {
        try
        {
            return extension.KeyIdentifier;
        }
        catch (CryptographicException)
        {
            // A garbled extension names no key.
            return null;
        }
    }
}
