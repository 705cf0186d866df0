using CertOperator.Providers.Dns.Protocol;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class TsigKeyTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_000_000);
    private static readonly byte[] Query = DnsWriter.Write(new DnsMessage { Id = 0x1a2b, Questions = [new DnsQuestion(DnsName.Parse("Example.Net"), DnsType.Soa)] });

    // Computed with Python's hmac module over the octets that RFC 8945, section 4.3.3 lists, independently of this code.
    [TestCase("hmac-sha1", "eed25f84e473caa85ae3d11d2bc2274f8f44aaf5")]
    [TestCase("hmac-sha256", "557f96246b6ad386096c220a1085429ec7020979d8c87a5b6cb81aedc5461341")]
    [TestCase("hmac-sha384", "f9bda3235a75f478fe3e9ec9d5507abaf2a7308421a288f009272a43f5c89d2864ad9b3fb9e3a4af22afe8a8dba2ba83")]
    [TestCase("hmac-sha512", "739d7e405f652f1c9d14d17ceec83e24e06424fd8cf0e2ea413251f4af66db8f1762f5cb68f57300549165321b51ef925dfc7c3a0a9cd3ed4274a70effc6bf54")]
    public void A_request_is_signed_as_the_RFC_says(string algorithm, string mac)
    {
        var signed = new TsigKey(DnsName.Parse("Renewals.Key"), algorithm, "0123456789abcdef"u8.ToArray()).Sign(Query, Now);

        Assert.That(Convert.ToHexStringLower(signed.Mac), Is.EqualTo(mac));
        var tsig = DnsReader.Read(signed.Signed).Tsig!;
        Assert.That((tsig.Mac, tsig.TimeSigned, tsig.Fudge, tsig.OriginalId, tsig.Error), Is.EqualTo((signed.Mac, 1_795_000_000ul, (ushort)300, (ushort)0x1a2b, (ushort)0)));
    }

    [Test]
    public void An_answer_that_is_signed_for_this_request_is_taken() => Assert.That(Judge(Answer()), Is.Null);

    [Test]
    public void An_answer_for_another_request_is_refused() => Assert.That(Judge(Answer(requestMac: [1, 2, 3])), Does.Contain("does not fit"));

    [Test]
    public void An_answer_with_another_secret_is_refused() => Assert.That(Judge(Answer(secret: "another")), Does.Contain("does not fit"));

    [Test]
    public void An_answer_of_another_time_is_refused() => Assert.That(Judge(Answer(time: Now.AddMinutes(-6))), Does.Contain("another time"));

    [Test]
    public void An_answer_with_another_key_is_refused() => Assert.That(Judge(Answer(keyName: "other")), Does.Contain("another key"));

    [Test]
    public void An_answer_without_a_signature_is_refused() => Assert.That(Judge(Query), Does.Contain("not signed"));

    [Test]
    public void Every_changed_byte_is_noticed()
    {
        var answer = Answer();
        for (var i = 2; i < answer.Length; i++)
        {
            var changed = (byte[])answer.Clone();
            changed[i] ^= 0x01;
            string? defect;
            try
            {
                defect = Judge(changed);
            }
            catch (DnsFormatException)
            {
                continue;
            }

            // The class and the time to live of the TSIG record are fixed by the RFC and not looked at; names are signed in lower case.
            if (!IsOutsideTheSignature(answer, i))
            {
                Assert.That(defect, Is.Not.Null, $"byte {i}");
            }
        }
    }

    private static bool IsOutsideTheSignature(byte[] answer, int at)
    {
        var tsig = DnsReader.Read(answer).Tsig!;
        var fixedPart = tsig.Offset + "client.key".Length + 2 + 2;
        return at >= fixedPart && at < fixedPart + 6;
    }

    private static readonly byte[] RequestMac = [9, 8, 7, 6];

    private static byte[] Answer(string secret = "secret of both", DateTimeOffset? time = null, string keyName = "client.key", byte[]? requestMac = null)
        => SignedAnswer.Create(keyName, secret, requestMac ?? RequestMac, time ?? Now);

    private static string? Judge(byte[] answer)
        => new TsigKey(DnsName.Parse("client.key"), "hmac-sha256", "secret of both"u8.ToArray()).FindDefect(answer, DnsReader.Read(answer), RequestMac, Now);
}
