using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Keys;

public sealed class AccountKeyTests
{
    // RFC 7638 section 3.1.
    private const string Rfc7638Modulus =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    [Test]
    public void The_thumbprint_of_the_key_in_rfc_7638_is_the_one_given_there()
    {
        var jwk = JsonWebKey.Canonical(new RSAParameters { Exponent = Base64Url.DecodeFromChars("AQAB"), Modulus = Base64Url.DecodeFromChars(Rfc7638Modulus) });

        Assert.That(JsonWebKey.Thumbprint(jwk), Is.EqualTo("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
    }

    [Test]
    public void The_ec_key_in_rfc_7515_becomes_the_jwk_given_there()
    {
        // Appendix A.3.1.
        const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
        const string Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Base64Url.DecodeFromChars("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
            Q = new ECPoint { X = Base64Url.DecodeFromChars(X), Y = Base64Url.DecodeFromChars(Y) },
        });

        using var key = AccountKey.FromPem(ecdsa.ExportECPrivateKeyPem());

        Assert.That(key.Jwk, Is.EqualTo($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}"""));
    }

    [TestCase(AccountKeyAlgorithm.ES256)]
    [TestCase(AccountKeyAlgorithm.ES384)]
    [TestCase(AccountKeyAlgorithm.RS256)]
    public void A_key_survives_pem_and_its_signatures_verify(AccountKeyAlgorithm algorithm)
    {
        using var made = AccountKey.Create(algorithm);
        using var key = AccountKey.FromPem(made.ToPkcs8Pem());
        var jws = Jws.Serialize(key, JwsKeyReference.ByJwk(key), "n", new Uri("https://ca.test/x?a=1&b=%20ü"), "{\"a\":1}"u8);

        var (header, payload, input, signature) = JwsVerifier.Read(JsonDocument.Parse(jws).RootElement);

        JwsVerifier.Verify(header.GetProperty("jwk"), algorithm.ToString(), input, signature);
        Assert.Multiple(() =>
        {
            Assert.That(key.Algorithm, Is.EqualTo(algorithm));
            Assert.That(key.Thumbprint, Is.EqualTo(made.Thumbprint));
            Assert.That(Encoding.UTF8.GetString(payload), Is.EqualTo("{\"a\":1}"));
            Assert.That(header.GetProperty("alg").GetString(), Is.EqualTo(algorithm.ToString()));
            Assert.That(header.GetProperty("nonce").GetString(), Is.EqualTo("n"));
            Assert.That(header.GetProperty("url").GetString(), Is.EqualTo("https://ca.test/x?a=1&b=%20%C3%BC"));
        });
    }

    [Test]
    public void Every_pem_form_of_a_private_key_is_read()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(3072);
        string[] forms = [ecdsa.ExportECPrivateKeyPem(), ecdsa.ExportPkcs8PrivateKeyPem(), rsa.ExportRSAPrivateKeyPem(), rsa.ExportPkcs8PrivateKeyPem()];

        var algorithms = forms.Select(pem =>
        {
            using var key = AccountKey.FromPem(pem);
            return key.Algorithm;
        });

        Assert.That(algorithms, Is.EqualTo(new[] { AccountKeyAlgorithm.ES384, AccountKeyAlgorithm.ES384, AccountKeyAlgorithm.RS256, AccountKeyAlgorithm.RS256 }));
    }

    private static IEnumerable<TestCaseData> UnusableKeys()
    {
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var weak = RSA.Create(1024);
        yield return new TestCaseData("", "no private key").SetName("An_empty_text_is_no_key");
        yield return new TestCaseData("hello", "no private key").SetName("Plain_text_is_no_key");
        yield return new TestCaseData(p256.ExportSubjectPublicKeyInfoPem(), "no private key").SetName("A_public_key_is_no_account_key");
        yield return new TestCaseData(p521.ExportPkcs8PrivateKeyPem(), "curve").SetName("A_key_on_P_521_is_refused");
        yield return new TestCaseData(weak.ExportPkcs8PrivateKeyPem(), "1024 bits").SetName("A_short_RSA_key_is_refused");
        yield return new TestCaseData(p256.ExportPkcs8PrivateKeyPem() + "\n" + p256.ExportPkcs8PrivateKeyPem(), "not an ECDSA or RSA").SetName("Two_keys_are_refused");
        yield return new TestCaseData(
            p256.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)), "passphrase")
            .SetName("An_encrypted_key_is_refused");
        yield return new TestCaseData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "not an ECDSA or RSA").SetName("Garbage_in_PEM_is_refused");
        yield return new TestCaseData(new string('x', 20_000), "20000 characters").SetName("A_text_too_long_is_refused_before_it_is_parsed");
    }

    [TestCaseSource(nameof(UnusableKeys))]
    public void Unusable_keys_are_refused_with_a_reason(string pem, string reason) =>
        Assert.That(() => AccountKey.FromPem(pem), Throws.InstanceOf<AcmeCredentialException>().With.Message.Contains(reason));

    [Test]
    public void Many_threads_sign_with_one_key()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);

        Parallel.For(0, 200, i =>
        {
            var jws = Jws.Serialize(key, JwsKeyReference.ByJwk(key), $"n{i}", new Uri("https://ca.test/x"), "{}"u8);
            var (header, _, input, signature) = JwsVerifier.Read(JsonDocument.Parse(jws).RootElement);
            JwsVerifier.Verify(header.GetProperty("jwk"), "ES256", input, signature);
        });
    }
}
