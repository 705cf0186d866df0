using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Keys;

public sealed class ExternalAccountBindingTests
{
    // The MAC key of RFC 7515 appendix A.1, which has both characters in which base64url differs.
    private const string MacKey = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    [Test]
    public void The_signature_in_rfc_7515_a_1_is_the_one_given_there()
    {
        // The header and payload of A.1.1, signed as they stand there.
        var input = Encoding.ASCII.GetBytes(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ");
        Span<byte> signature = stackalloc byte[64];

        var length = new MacSigner(JwsVerifier.Decode(MacKey), MacAlgorithm.HS256).Sign(input, signature);

        Assert.That(signature[..length].ToArray(), Is.EqualTo(JwsVerifier.Decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")));
    }

    [TestCase(MacAlgorithm.HS256)]
    [TestCase(MacAlgorithm.HS384)]
    [TestCase(MacAlgorithm.HS512)]
    public void The_binding_signs_the_account_key_for_the_new_account_url(MacAlgorithm algorithm)
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var binding = ExternalAccountBinding.Create(" kid-1 ", MacKey, algorithm);

        var (header, payload, input, signature) = JwsVerifier.Read(JsonDocument.Parse(binding.Sign(key, new Uri("https://ca.test/new-account"))).RootElement);

        var mac = JwsVerifier.Decode(MacKey);
        var expected = algorithm switch
        {
            MacAlgorithm.HS256 => HMACSHA256.HashData(mac, input),
            MacAlgorithm.HS384 => HMACSHA384.HashData(mac, input),
            _ => HMACSHA512.HashData(mac, input),
        };
        Assert.Multiple(() =>
        {
            Assert.That(header.EnumerateObject().Select(m => m.Name), Is.EquivalentTo(new[] { "alg", "kid", "url" }), "section 7.3.4: no nonce");
            Assert.That(header.GetProperty("alg").GetString(), Is.EqualTo(algorithm.ToString()));
            Assert.That(header.GetProperty("kid").GetString(), Is.EqualTo("kid-1"));
            Assert.That(header.GetProperty("url").GetString(), Is.EqualTo("https://ca.test/new-account"));
            Assert.That(Encoding.UTF8.GetString(payload), Is.EqualTo(key.Jwk));
            Assert.That(signature, Is.EqualTo(expected));
        });
    }

    [TestCase("", "", TestName = "An_empty_key_id_is_refused")]
    [TestCase("kid", "", TestName = "An_empty_mac_key_is_refused")]
    [TestCase("kid", "====", TestName = "Only_padding_is_refused")]
    [TestCase("kid", "not base64!", TestName = "A_mac_key_that_is_not_base64_is_refused")]
    [TestCase("kid", "abcde", TestName = "A_mac_key_of_impossible_length_is_refused")]
    public void Unusable_credentials_are_refused_without_quoting_them(string keyId, string macKey)
    {
        var refused = Assert.Throws<AcmeCredentialException>(() => ExternalAccountBinding.Create(keyId, macKey));

        Assert.That(macKey.Length == 0 || !refused!.ToString().Contains(macKey, StringComparison.Ordinal), Is.True);
    }
}
