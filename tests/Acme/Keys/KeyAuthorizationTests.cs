using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Acme.Tests.Keys;

public sealed class KeyAuthorizationTests
{
    [Test]
    public void The_key_authorization_joins_token_and_thumbprint_and_dns_01_digests_it()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);

        var keyAuthorization = KeyAuthorization.For("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", key);
        var txt = KeyAuthorization.Dns01Value(keyAuthorization);

        Assert.Multiple(() =>
        {
            Assert.That(keyAuthorization, Is.EqualTo($"evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.{key.Thumbprint}"));
            Assert.That(txt, Has.Length.EqualTo(43));
            Assert.That(Base64Url.DecodeFromChars(txt), Is.EqualTo(SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization))));
        });
    }
}
