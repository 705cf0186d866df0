using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Acme;

/// <summary>Public keys as JWK in the canonical form of RFC 7638 section 3: required members, sorted, no white space.</summary>
internal static class JsonWebKey
{
    public static byte[] Canonical(ECParameters key)
    {
        // The curve's name is its field size: P-256, P-384, ...
        var curve = "P-" + (key.Q.X!.Length * 8).ToString(CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetBytes($$"""{"crv":"{{curve}}","kty":"EC","x":"{{Base64Url.EncodeToString(key.Q.X)}}","y":"{{Base64Url.EncodeToString(key.Q.Y)}}"}""");
    }

    public static byte[] Canonical(RSAParameters key) =>
        Encoding.ASCII.GetBytes($$"""{"e":"{{Base64Url.EncodeToString(key.Exponent)}}","kty":"RSA","n":"{{Base64Url.EncodeToString(key.Modulus)}}"}""");

    public static string Thumbprint(ReadOnlySpan<byte> canonicalJwk) => Base64Url.EncodeToString(SHA256.HashData(canonicalJwk));
}
