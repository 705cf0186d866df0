using System.Net;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class DnsClientTests
{
    private static readonly DnsName Name = DnsName.Parse("www.example.net");
    private static readonly DnsRecord Record = new(Name, DnsType.Txt, DnsClass.Internet, 60, new DnsData.Text("hello"));

    private FakeNameServer _server = null!;

    [SetUp]
    public void Start() => _server = new FakeNameServer();

    [TearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task A_question_goes_over_UDP_with_the_id_that_was_drawn()
    {
        _server.Answer = request => FakeNameServer.To(request, answers: [Record]);

        var answer = await Client(() => 0xabcd).AskAsync(_server.Server, Name, DnsType.Txt, recurse: true, CancellationToken.None);

        Assert.That(answer.Answers, Is.EqualTo(new[] { Record }));
        Assert.That(_server.Requests.Select(r => (r.Message.Id, r.Message.RecursionDesired, r.Tcp)), Is.EqualTo(new[] { ((ushort)0xabcd, true, false) }));
    }

    [Test]
    public async Task An_answer_that_was_cut_off_is_asked_for_over_TCP()
    {
        _server.OverUdp = request => [DnsWriter.Write(FakeNameServer.To(request) with { Truncated = true })];
        _server.OverTcp = request => DnsWriter.Write(FakeNameServer.To(request, answers: [Record]));

        var answer = await Client().AskAsync(_server.Server, Name, DnsType.Txt, recurse: false, CancellationToken.None);

        Assert.That(answer.Answers, Is.EqualTo(new[] { Record }));
        Assert.That(_server.Requests.Select(r => r.Tcp), Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public async Task Answers_that_are_none_to_the_question_are_passed_over()
    {
        var forged = new DnsRecord(Name, DnsType.Txt, DnsClass.Internet, 60, new DnsData.Text("forged"));
        _server.OverUdp = request =>
        [
            [],
            [1, 2, 3],
            DnsWriter.Write(FakeNameServer.To(request with { Id = (ushort)(request.Id + 1) }, answers: [forged])),
            DnsWriter.Write(FakeNameServer.To(request with { Questions = [new DnsQuestion(DnsName.Parse("other.example.net"), DnsType.Txt)] }, answers: [forged])),
            DnsWriter.Write(FakeNameServer.To(request, answers: [forged]) with { IsResponse = false }),
            DnsWriter.Write(FakeNameServer.To(request with { Operation = DnsOperation.Update }, answers: [forged])),
            DnsWriter.Write(FakeNameServer.To(request with { Questions = [] }, answers: [forged])),
            [.. DnsWriter.Write(FakeNameServer.To(request, answers: [forged])).SkipLast(3)],
            DnsWriter.Write(FakeNameServer.To(request, answers: [Record])),
        ];

        var answer = await Client().AskAsync(_server.Server, Name, DnsType.Txt, recurse: false, CancellationToken.None);

        Assert.That(answer.Answers, Is.EqualTo(new[] { Record }));
    }

    [Test]
    public void A_flood_of_forged_answers_ends_the_try()
    {
        _server.OverUdp = request => Enumerable.Repeat(DnsWriter.Write(FakeNameServer.To(request with { Id = (ushort)(request.Id + 1) })), 400);
        Assert.That(
            async () => await Client().AskAsync(_server.Server, Name, DnsType.Txt, recurse: false, CancellationToken.None),
            Throws.InstanceOf<DnsException>().With.Message.Contains("not asked for").Or.Message.Contains("closed the connection"));
    }

    [Test]
    public void An_address_that_may_not_be_reached_gets_no_packet()
    {
        var client = new DnsClient(new DnsTransport(new EgressPolicy([]), TimeProvider.System), () => 1, TimeProvider.System);
        var server = _server.Server with { Trusted = false };

        Assert.That(async () => await client.AskAsync(server, Name, DnsType.Txt, recurse: false, CancellationToken.None), Throws.InstanceOf<EgressDeniedException>().With.Message.Contains("--egress-allow"));
        Assert.That(async () => await client.UpdateAsync(server, Name, [Record], null, CancellationToken.None), Throws.InstanceOf<EgressDeniedException>());
        Assert.That(_server.Requests, Is.Empty);
    }

    [Test]
    public async Task An_update_is_signed_and_its_answer_verified()
    {
        var key = new TsigKey(DnsName.Parse("client.key"), "hmac-sha256", "secret of both"u8.ToArray());
        _server.OverTcp = request => SignedAnswer.Create("client.key", "secret of both", request.Tsig!.Mac, TimeProvider.System.GetUtcNow(), FakeNameServer.To(request));

        var answer = await Client().UpdateAsync(_server.Server, DnsName.Parse("example.net"), [Record], key, CancellationToken.None);

        Assert.That(answer.ResponseCode, Is.EqualTo(DnsResponseCode.NoError));
        var sent = _server.Requests.Single();
        Assert.That(sent.Tcp, Is.True);
        Assert.That(sent.Message.Authorities, Is.EqualTo(new[] { Record }));
        Assert.That(sent.Message.Questions, Is.EqualTo(new[] { new DnsQuestion(DnsName.Parse("example.net"), DnsType.Soa) }));
    }

    [Test]
    public void An_update_whose_answer_nobody_signed_is_not_believed()
    {
        var key = new TsigKey(DnsName.Parse("client.key"), "hmac-sha256", "secret of both"u8.ToArray());
        _server.OverTcp = request => DnsWriter.Write(FakeNameServer.To(request));
        Assert.That(
            async () => await Client().UpdateAsync(_server.Server, DnsName.Parse("example.net"), [Record], key, CancellationToken.None),
            Throws.InstanceOf<DnsException>().With.Message.Contains("is not signed"));
    }

    [Test]
    public void A_server_that_is_not_there_is_named()
    {
        var nobody = new DnsServer("ns9.test", new IPEndPoint(IPAddress.Loopback, CertOperator.TestSupport.FreePort.Next()), Trusted: true);
        Assert.That(
            async () => await Client().AskAsync(nobody, Name, DnsType.Txt, recurse: false, CancellationToken.None),
            Throws.InstanceOf<DnsException>().With.Message.Contains("ns9.test (127.0.0.1:"));
    }

    private static DnsClient Client(Func<ushort>? nextId = null)
        => new(new DnsTransport(new EgressPolicy([]), TimeProvider.System), nextId ?? (() => 4711), TimeProvider.System);
}
