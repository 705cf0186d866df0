using CertOperator.Providers.Dns.Protocol;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

/// <summary>Whatever comes from the network is a message or none.</summary>
public sealed class SpoiltMessagesTests
{
    private const int Rounds = 20_000;

    private static readonly byte[][] Samples =
    [
        DnsWriter.Write(new DnsMessage { Id = 7, RecursionDesired = true, Questions = [new DnsQuestion(DnsName.Parse("_acme-challenge.www.example.com"), DnsType.Txt)] }),
        DnsWriter.Write(new DnsMessage
        {
            Id = 7,
            IsResponse = true,
            Questions = [new DnsQuestion(DnsName.Parse("_acme-challenge.www.example.com"), DnsType.Txt)],
            Answers =
            [
                new DnsRecord(DnsName.Parse("_acme-challenge.www.example.com"), DnsType.Txt, DnsClass.Internet, 60, new DnsData.Text(new string('x', 300))),
                new DnsRecord(DnsName.Parse("_acme-challenge.www.example.com"), DnsType.Txt, DnsClass.None, 0, new DnsData.Text("y")),
            ],
        }),
        [
            0, 1, 0x80, 0, 0, 1, 0, 2, 0, 0, 0, 0, 3, .. "www"u8, 0xc0, 0x10, 0, 5, 0, 1,
            0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 0x0c,
            0xc0, 0x0c, 1, 1, 0, 1, 0, 0, 0, 9, 0, 9, 0, 5, .. "issue"u8, (byte)'c', (byte)'a',
        ],
    ];

    [Test]
    public void A_spoilt_message_is_read_or_refused()
    {
        int refused = 0;
        for (int seed = 0; seed < Rounds; seed++)
        {
            byte[] bytes = Mutator.Spoil(Samples, seed);
            try
            {
                DnsMessage message = DnsReader.Read(bytes);
                Assert.That(message.Answers.Count + message.Authorities.Count + message.Additionals.Count, Is.LessThanOrEqualTo(bytes.Length), "no more records than fit");
            }
            catch (DnsFormatException)
            {
                refused++;
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.Fail($"seed {seed}, {Convert.ToHexString(bytes)}: {e}");
            }
        }

        Assert.That(refused, Is.InRange(1, Rounds - 1));
    }
}
