using System.Net;
using CertOperator.Crds.Policies;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Probing;
using CertOperator.Providers.Tests.Egress;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Probing;

internal sealed class StartTlsTests : IDisposable
{
    private const string Secret = "internal-build-7f3a";

    private readonly TestAuthority _root = TestAuthority.CreateRoot(TimeProvider.System);
    private readonly IssuedLeaf _leaf;

    public StartTlsTests() => _leaf = _root.Issue(new LeafRequest("mail.example.com"));

    public void Dispose()
    {
        _leaf.Dispose();
        _root.Dispose();
    }

    [Test]
    public async Task Smtp_with_replies_of_many_lines()
    {
        await using var server = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            await s.SayAsync(stream, "220-mail.example.com ESMTP\r\n220-no spam\r\n");
            await s.SayAsync(stream, "220 please\r\n");
            await s.AnswerAsync(stream, "250-mail.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n");
            await s.AnswerAsync(stream, "220 go ahead\r\n");
        });
        await AssertServedAsync(server, StartTlsProtocol.Smtp);
        Assert.That(server.Heard, Is.EqualTo(new[] { "EHLO [127.0.0.1]", "STARTTLS" }));
    }

    [Test]
    public async Task Imap_with_lines_that_nobody_asked_for()
    {
        await using var server = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            await s.SayAsync(stream, "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
            await s.AnswerAsync(stream, "* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n");
        });
        await AssertServedAsync(server, StartTlsProtocol.Imap);
        Assert.That(server.Heard, Is.EqualTo(new[] { "a1 STARTTLS" }));
    }

    [Test]
    public async Task Postgres()
    {
        byte[] request = [];
        await using var server = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            request = await s.HearAsync(stream, 8);
            await s.SayAsync(stream, "S");
        });
        await AssertServedAsync(server, StartTlsProtocol.Postgres);
        Assert.That(request, Is.EqualTo(new byte[] { 0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f }));
    }

    private static IEnumerable<TestCaseData> Refusals()
    {
        static TestCaseData Case(string name, StartTlsProtocol protocol, string[] says, string expected) => new TestCaseData(protocol, says, expected).SetName($"Refused: {name}");
        var endless = new string('x', 5000);
        yield return Case("smtp is busy", StartTlsProtocol.Smtp, [$"421 {Secret}\r\n"], "answered 421 where 220 was expected, to its greeting");
        yield return Case("smtp knows no STARTTLS", StartTlsProtocol.Smtp, ["220 hello\r\n", "250 hello\r\n", $"502 {Secret}\r\n"], "answered 502 where 220 was expected, to STARTTLS");
        yield return Case("smtp goes on in plain text", StartTlsProtocol.Smtp, ["220 hello\r\n", "250 hello\r\n", "220 go\r\n250 injected\r\n"], "somebody may stand in between");
        yield return Case("smtp never ends its greeting", StartTlsProtocol.Smtp, [string.Concat(Enumerable.Repeat("220-more\r\n", 200))], "does not speak SMTP");
        yield return Case("smtp never ends its line", StartTlsProtocol.Smtp, ["220 " + endless], "does not speak SMTP");
        yield return Case("another protocol for smtp", StartTlsProtocol.Smtp, [$"SSH-2.0-{Secret}\r\n"], "does not speak SMTP");
        yield return Case("smtp hangs up", StartTlsProtocol.Smtp, ["220 hello\r\n", ""], "closed the connection");
        yield return Case("imap says goodbye", StartTlsProtocol.Imap, [$"* BYE {Secret}\r\n"], "does not take STARTTLS");
        yield return Case("imap knows no STARTTLS", StartTlsProtocol.Imap, ["* OK ready\r\n", $"a1 BAD {Secret}\r\n"], "refused STARTTLS");
        yield return Case("imap goes on in plain text", StartTlsProtocol.Imap, ["* OK ready\r\n", "a1 OK go\r\n* 1 EXISTS\r\n"], "somebody may stand in between");
        yield return Case("imap never ends", StartTlsProtocol.Imap, ["* OK ready\r\n", string.Concat(Enumerable.Repeat("* more\r\n", 200))], "does not speak IMAP");
        yield return Case("another protocol for imap", StartTlsProtocol.Imap, [$"220 {Secret}\r\n"], "does not speak IMAP");
        yield return Case("postgres without TLS", StartTlsProtocol.Postgres, ["", "N"], "Set ssl = on");
        yield return Case("another protocol for postgres", StartTlsProtocol.Postgres, ["", $"E{Secret}"], "does not speak PostgreSQL");
    }

    [TestCaseSource(nameof(Refusals))]
    public async Task A_server_that_does_not_agree_is_a_result_that_repeats_nothing_of_what_it_said(StartTlsProtocol protocol, string[] says, string expected)
    {
        await using var server = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            await s.SayAsync(stream, says[0]);
            foreach (var reply in says[1..])
            {
                if (protocol == StartTlsProtocol.Postgres)
                {
                    await s.HearAsync(stream, 8);
                    await s.SayAsync(stream, reply);
                }
                else
                {
                    await s.AnswerAsync(stream, reply);
                }
            }

            if (says[^1].Length == 0)
            {
                throw new IOException("The test hangs up.");
            }

            await s.HearAsync(stream, 10_000);
        });
        var result = await ProbeAsync(server, protocol);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Reachable, Is.False);
            Assert.That(result.Leaf, Is.Null);
            Assert.That(result.Error, Does.StartWith($"mail.example.com:{server.Port}").And.Contains(expected));
            Assert.That(result.Error, Does.Not.Contain(Secret));
        }
    }

    [TestCase(StartTlsProtocol.Smtp)]
    [TestCase(StartTlsProtocol.Imap)]
    [TestCase(StartTlsProtocol.Postgres)]
    public async Task A_server_that_sends_anything_at_all_costs_little_and_is_a_result(StartTlsProtocol protocol)
    {
        var random = new Random(20261122 + (int)protocol);
        byte[] noise = [];
        await using var server = new PlainTextServer(_leaf.ServerSide(), async (s, stream) =>
        {
            await stream.WriteAsync(noise);
            throw new IOException("The test hangs up.");
        });
        for (var i = 0; i < 200; i++)
        {
            noise = new byte[random.Next(1, 4000)];
            random.NextBytes(noise);
            var result = await ProbeAsync(server, protocol);
            Assert.That(result.Error, Is.Not.Null.And.Not.Empty, Convert.ToHexString(noise));
        }
    }

    private static Task<ProbeResult> ProbeAsync(PlainTextServer server, StartTlsProtocol protocol, string? bundle = null)
        => new TlsProber(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), new FakeResolver(), TimeProvider.System), TimeProvider.System)
            .ProbeAsync(new ProbeTarget { Host = "mail.example.com", Port = server.Port, ConnectTo = "127.0.0.1", StartTls = protocol, CaBundlePem = bundle }, CancellationToken.None);

    private async Task AssertServedAsync(PlainTextServer server, StartTlsProtocol protocol)
    {
        var result = await ProbeAsync(server, protocol, _root.Pem);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Error, Is.Null);
            Assert.That(result.Leaf?.Fingerprint, Is.EqualTo(CertificateFacts.From(_leaf.Certificate).Fingerprint));
            Assert.That(result.ChainTrusted, Is.True);
        }
    }
}
