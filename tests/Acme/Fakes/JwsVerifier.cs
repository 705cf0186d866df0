using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CertOperator.Acme.Tests.Fakes;

/// <summary>Reads and verifies JWS by RFC 7515 alone, with no code of the library under test.</summary>
public static class JwsVerifier
{
    public static (JsonElement Header, byte[] Payload, byte[] SigningInput, byte[] Signature) Read(JsonElement jws)
    {
        var members = jws.EnumerateObject().Select(m => m.Name).Order().ToArray();
        Require(members.SequenceEqual(["payload", "protected", "signature"]), $"a flattened JWS has no other members than {string.Join(",", members)}");
        var header = jws.GetProperty("protected").GetString()!;
        var payload = jws.GetProperty("payload").GetString()!;
        return (
            JsonDocument.Parse(Decode(header)).RootElement,
            Decode(payload),
            Encoding.ASCII.GetBytes($"{header}.{payload}"),
            Decode(jws.GetProperty("signature").GetString()!));
    }

    public static void Verify(JsonElement jwk, string algorithm, byte[] input, byte[] signature)
    {
        var good = (jwk.GetProperty("kty").GetString(), algorithm) switch
        {
            ("EC", "ES256") => Ec(jwk, ECCurve.NamedCurves.nistP256, "P-256").VerifyData(input, signature, HashAlgorithmName.SHA256),
            ("EC", "ES384") => Ec(jwk, ECCurve.NamedCurves.nistP384, "P-384").VerifyData(input, signature, HashAlgorithmName.SHA384),
            ("RSA", "RS256") => Rsa(jwk).VerifyData(input, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => false,
        };
        Require(good, $"the {algorithm} signature does not verify");
    }

    public static byte[] Decode(string text)
    {
        Require(!text.Contains('='), "base64url in a JWS has no padding");
        return Base64Url.DecodeFromChars(text);
    }

    public static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The strict server protests: {what}.");
        }
    }

    private static ECDsa Ec(JsonElement jwk, ECCurve curve, string name)
    {
        Require(jwk.GetProperty("crv").GetString() == name, "the curve does not fit the algorithm");
        return ECDsa.Create(new ECParameters
        {
            Curve = curve,
            Q = new ECPoint { X = Decode(jwk.GetProperty("x").GetString()!), Y = Decode(jwk.GetProperty("y").GetString()!) },
        });
    }

    private static RSA Rsa(JsonElement jwk) =>
        RSA.Create(new RSAParameters { Modulus = Decode(jwk.GetProperty("n").GetString()!), Exponent = Decode(jwk.GetProperty("e").GetString()!) });
}
