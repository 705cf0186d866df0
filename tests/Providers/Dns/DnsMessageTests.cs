using System.Net;
using CertOperator.Providers.Dns.Protocol;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class DnsMessageTests
{
    // The answer of a public resolver to "www.example.com A" with a compressed CNAME, put together by hand from RFC 1035.
    private static readonly byte[] Compressed = Convert.FromHexString(
        "1234" + "8180" + "0001" + "0002" + "0000" + "0000" +
        "03777777" + "076578616d706c65" + "03636f6d" + "00" + "0001" + "0001" +
        "c00c" + "0005" + "0001" + "0000003c" + "0006" + "03776562" + "c010" +
        "c02d" + "0001" + "0001" + "0000003c" + "0004" + "c0000201");

    [Test]
    public void A_CAA_record_is_read_with_its_flag_tag_and_value()
    {
        byte[] message =
        [
            0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0,
            1, (byte)'a', 0, 1, 1, 0, 1, 0, 0, 0, 60, 0, 9, 0x80, 5, .. "issue"u8, (byte)'c', (byte)'a',
        ];
        Assert.That(DnsReader.Read(message).Answers.Single().Data, Is.EqualTo(new DnsData.Caa(true, "issue", "ca")));

        message[^8] = 200;
        Assert.That(() => DnsReader.Read(message), Throws.TypeOf<DnsFormatException>(), "a tag that is longer than the record");
    }

    [Test]
    public void A_compressed_answer_is_read()
    {
        var message = DnsReader.Read(Compressed);

        Assert.That((message.Id, message.IsResponse, message.Truncated, message.RecursionDesired, message.ResponseCode), Is.EqualTo(((ushort)0x1234, true, false, true, DnsResponseCode.NoError)));
        Assert.That(message.Questions, Is.EqualTo(new[] { new DnsQuestion(DnsName.Parse("www.example.com"), DnsType.A) }));
        Assert.That(message.Answers[0].Data, Is.EqualTo(new DnsData.Name(DnsName.Parse("web.example.com"))));
        Assert.That(message.Answers[1].Name, Is.EqualTo(DnsName.Parse("WEB.example.COM.")));
        Assert.That(message.Answers[1].Data, Is.EqualTo(new DnsData.Address(IPAddress.Parse("192.0.2.1"))));
    }

    [Test]
    public void What_is_written_is_read_again()
    {
        var name = DnsName.Parse("_acme-challenge.example.net");
        var longText = new string('x', 600);
        var message = new DnsMessage
        {
            Id = 7,
            Operation = DnsOperation.Update,
            Questions = [new DnsQuestion(DnsName.Parse("example.net"), DnsType.Soa)],
            Authorities =
            [
                new DnsRecord(name, DnsType.Txt, DnsClass.Internet, 60, new DnsData.Text("value")),
                new DnsRecord(name, DnsType.Txt, DnsClass.None, 0, new DnsData.Text(longText)),
                new DnsRecord(name, DnsType.Soa, DnsClass.Internet, 1, new DnsData.Soa(DnsName.Parse("ns1.example.net"), 2026112201)),
            ],
        };

        var read = DnsReader.Read(DnsWriter.Write(message));

        Assert.That(read.Operation, Is.EqualTo(DnsOperation.Update));
        Assert.That(read.Authorities, Is.EqualTo(message.Authorities));
    }

    [TestCase("c00c", TestName = "A_pointer_to_itself_is_refused")]
    [TestCase("c00e0000c00c", TestName = "A_pointer_forward_is_refused")]
    [TestCase("0161c00c", TestName = "A_pointer_to_its_own_beginning_is_refused")]
    [TestCase("3f41", TestName = "A_label_beyond_the_end_is_refused")]
    [TestCase("40", TestName = "A_label_of_an_unknown_kind_is_refused")]
    [TestCase("", TestName = "A_question_that_is_not_there_is_refused")]
    public void A_broken_name(string question)
    {
        var bytes = Convert.FromHexString("000081000001000000000000" + question);
        Assert.That(() => DnsReader.Read(bytes), Throws.InstanceOf<DnsFormatException>());
    }

    [Test]
    public void A_message_that_announces_more_records_than_it_holds_is_refused_at_once()
    {
        var bytes = Convert.FromHexString("00008180" + "0000" + "ffff" + "ffff" + "ffff");
        Assert.That(() => DnsReader.Read(bytes), Throws.InstanceOf<DnsFormatException>());
    }

    /// <summary>Random bytes, and good messages with bytes changed, cut off or put in: a message or a DnsFormatException, nothing else.</summary>
    [Test]
    public void No_input_does_harm()
    {
        var random = new Random(20261122);
        var good = new[]
        {
            Compressed,
            DnsWriter.Write(new DnsMessage { Id = 1, IsResponse = true, Answers = [new DnsRecord(DnsName.Parse("a.b"), DnsType.Txt, DnsClass.Internet, 1, new DnsData.Text(new string('y', 300)))] }),
            new TsigKey(DnsName.Parse("key"), "hmac-sha256", new byte[32]).Sign(DnsWriter.Write(new DnsMessage { Id = 2, Questions = [new DnsQuestion(DnsName.Root, DnsType.Soa)] }), DateTimeOffset.UnixEpoch).Signed,
        };
        var read = 0;
        for (var i = 0; i < 60_000; i++)
        {
            byte[] input;
            if (i % 3 == 0)
            {
                input = new byte[random.Next(0, 600)];
                random.NextBytes(input);
            }
            else
            {
                input = Mutate(good[random.Next(good.Length)], random);
            }

            try
            {
                var message = DnsReader.Read(input);
                _ = DnsWriter.Write(message);
                _ = message.Answers.Select(r => r.Name.ToString()).ToList();
                _ = new TsigKey(DnsName.Parse("key"), "hmac-sha256", new byte[32]).FindDefect(input, message, [], DateTimeOffset.UnixEpoch);
                read++;
            }
            catch (DnsFormatException)
            {
                // The other good end.
            }
        }

        Assert.That(read, Is.GreaterThan(1000), "enough of the input was good enough to get far");
    }

    [Test]
    public void The_worst_chain_of_pointers_costs_no_more_than_its_bytes()
    {
        // Pointers to pointers to pointers, and as many records as fit, each of which begins at the far end of that chain.
        var bytes = new byte[DnsMessage.MaxLength];
        Convert.FromHexString("0000818000001000").CopyTo(bytes, 0);
        bytes[7] = 0xff;
        for (var at = 14; at + 1 < 0x3ff0; at += 2)
        {
            (bytes[at], bytes[at + 1]) = ((byte)(0xc0 | ((at - 2) >> 8)), (byte)(at - 2));
        }

        Assert.That(() => DnsReader.Read(bytes), Throws.InstanceOf<DnsFormatException>());
    }

    private static byte[] Mutate(byte[] message, Random random)
    {
        var bytes = message.ToList();
        for (var i = random.Next(1, 5); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(8, bytes.Count - at) + 1));
                    break;
                case 2:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 8)).Select(_ => (byte)random.Next(256)));
                    break;
                default:
                    bytes[at] = (byte)(0xc0 | random.Next(64));
                    break;
            }
        }

        return [.. bytes];
    }
}
