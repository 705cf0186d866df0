using System.Net;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class DnsLookupTests
{
    private static readonly DnsData Soa = new DnsData.Soa(DnsName.Parse("ns1.example.net"), 1);

    private FakeNameServer _resolver = null!;

    [SetUp]
    public void Start() => _resolver = new FakeNameServer();

    [TearDown]
    public async Task StopAsync() => await _resolver.DisposeAsync();

    [Test]
    public async Task A_zone_is_told_by_the_negative_answer_for_a_name_in_it()
    {
        _resolver.Answer = request => FakeNameServer.To(request, DnsResponseCode.NxDomain, authorities: [Of("sub.example.net", Soa)]);
        Assert.That((await Lookup().FindZoneAsync(DnsName.Parse("_acme-challenge.a.sub.example.net"), CancellationToken.None)).ToString(), Is.EqualTo("sub.example.net"));
        Assert.That(_resolver.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Without_that_the_way_up_is_walked()
    {
        _resolver.Answer = request => request.Questions[0].Name.ToString() == "example.net"
            ? FakeNameServer.To(request, answers: [Of("example.net", Soa)])
            : FakeNameServer.To(request, DnsResponseCode.NxDomain);
        Assert.That((await Lookup().FindZoneAsync(DnsName.Parse("_acme-challenge.www.example.net"), CancellationToken.None)).ToString(), Is.EqualTo("example.net"));
        Assert.That(_resolver.Requests.Select(r => r.Message.Questions[0].Name.ToString()), Is.EqualTo(new[] { "_acme-challenge.www.example.net", "www.example.net", "example.net" }));
    }

    [Test]
    public async Task A_zone_that_does_not_hold_the_name_or_that_an_alias_led_to_is_not_taken()
    {
        _resolver.Answer = request => request.Questions[0].Name.ToString() switch
        {
            "www.example.net" => FakeNameServer.To(request, answers: [Of("www.example.net", new DnsData.Name(DnsName.Parse("cdn.example.org")), DnsType.Cname)], authorities: [Of("example.org", Soa)]),
            "example.net" => FakeNameServer.To(request, answers: [Of("example.net", Soa)]),
            _ => FakeNameServer.To(request, DnsResponseCode.NxDomain, authorities: [Of("another.test", Soa)]),
        };
        Assert.That((await Lookup().FindZoneAsync(DnsName.Parse("_acme-challenge.www.example.net"), CancellationToken.None)).ToString(), Is.EqualTo("example.net"));
    }

    [Test]
    public void A_name_without_any_zone_is_said_to_have_none()
    {
        _resolver.Answer = request => FakeNameServer.To(request, DnsResponseCode.NxDomain, authorities: [Of(".", Soa)]);
        Assert.That(async () => await Lookup().FindZoneAsync(DnsName.Parse("a.invalid"), CancellationToken.None), Throws.InstanceOf<DnsException>().With.Message.Contains("No zone was found that holds a.invalid"));
    }

    [Test]
    public async Task Aliases_are_followed_to_their_end()
    {
        _resolver.Answer = Aliases(("_acme-challenge.a.test", "one.b.test"), ("one.b.test", "two.c.test"));
        Assert.That((await Lookup().FollowAsync(DnsName.Parse("_acme-challenge.a.test"), CancellationToken.None)).ToString(), Is.EqualTo("two.c.test"));
    }

    [Test]
    public void Aliases_in_a_circle_are_refused()
    {
        _resolver.Answer = Aliases(("a.test", "b.test"), ("b.test", "a.test"));
        Assert.That(async () => await Lookup().FollowAsync(DnsName.Parse("a.test"), CancellationToken.None), Throws.InstanceOf<DnsException>().With.Message.Contains("circle"));
    }

    [Test]
    public async Task The_next_resolver_is_asked_where_one_has_no_answer()
    {
        await using var second = new FakeNameServer();
        _resolver.Answer = request => FakeNameServer.To(request, DnsResponseCode.ServFail);
        second.Answer = request => FakeNameServer.To(request, answers: [Of("example.net", Soa)]);
        var lookup = new DnsLookup(Client(), [_resolver.Server, second.Server]);
        Assert.That((await lookup.FindZoneAsync(DnsName.Parse("example.net"), CancellationToken.None)).ToString(), Is.EqualTo("example.net"));
    }

    [Test]
    public async Task Name_servers_come_with_all_their_addresses()
    {
        _resolver.Answer = request => (request.Questions[0].Type, request.Questions[0].Name.ToString()) switch
        {
            (DnsType.Ns, _) => FakeNameServer.To(request, answers: [Of("example.net", new DnsData.Name(DnsName.Parse("ns1.example.net")), DnsType.Ns)]),
            (DnsType.A, "ns1.example.net") => FakeNameServer.To(request, answers: [Of("ns1.example.net", new DnsData.Address(IPAddress.Parse("192.0.2.1")), DnsType.A)]),
            _ => FakeNameServer.To(request, answers: [Of("ns1.example.net", new DnsData.Address(IPAddress.Parse("2001:db8::1")), DnsType.Aaaa)]),
        };
        var servers = await Lookup().FindServersAsync(DnsName.Parse("example.net"), CancellationToken.None);
        Assert.That(servers.Single().Addresses.Select(a => a.ToString()), Is.EqualTo(new[] { "192.0.2.1", "2001:db8::1" }));
    }

    [Test]
    public async Task A_server_that_serves_another_value_is_a_laggard_and_one_address_that_cannot_be_reached_is_not()
    {
        await using var second = new FakeNameServer("127.0.0.2", _resolver.EndPoint.Port);
        var record = new TxtRecord(DnsName.Parse("_acme-challenge.example.net"), "wanted");
        var values = new[] { "other" };
        _resolver.Answer = request => request.Questions[0].Type switch
        {
            DnsType.Soa => FakeNameServer.To(request, DnsResponseCode.NxDomain, authorities: [Of("example.net", Soa)]),
            DnsType.Ns => FakeNameServer.To(request, answers: [Of("example.net", new DnsData.Name(DnsName.Parse("ns1.example.net")), DnsType.Ns), Of("example.net", new DnsData.Name(DnsName.Parse("ns2.example.net")), DnsType.Ns)]),
            DnsType.A => FakeNameServer.To(request, answers: [Of("ns", new DnsData.Address(IPAddress.Parse(request.Questions[0].Name.ToString().StartsWith("ns1", StringComparison.Ordinal) ? "127.0.0.1" : "127.0.0.2")), DnsType.A)]),
            DnsType.Aaaa => FakeNameServer.To(request, answers: [Of("ns", new DnsData.Address(IPAddress.Parse("fe80::1")), DnsType.Aaaa)]),
            _ => FakeNameServer.To(request, answers: [new DnsRecord(record.Name, DnsType.Txt, DnsClass.Internet, 1, new DnsData.Text("x")), new DnsRecord(record.Name, DnsType.Txt, DnsClass.Internet, 1, new DnsData.Text("wanted"))]),
        };
        second.Answer = request => FakeNameServer.To(request, answers: [.. values.Select(v => new DnsRecord(record.Name, DnsType.Txt, DnsClass.Internet, 1, new DnsData.Text(v)))]);
        var check = new PropagationCheck(Client("127.0.0.0/8"), new DnsLookup(Client(), [_resolver.Server]), _resolver.EndPoint.Port);

        Assert.That(await check.FindLaggardAsync(record, CancellationToken.None), Does.Contain("ns2.example.net (127.0.0.2:"));

        values = ["other", "wanted"];
        Assert.That(await check.FindLaggardAsync(record, CancellationToken.None), Is.Null);
    }

    [TestCase("nameserver 10.96.0.10\nsearch a b\noptions ndots:5", "10.96.0.10:53")]
    [TestCase("# nameserver 1.1.1.1\n; nameserver 1.1.1.1\nnameserver\tfd00::a  # here\nnameserver 192.0.2.1", "[fd00::a]:53 192.0.2.1:53")]
    [TestCase("nameserver nonsense", "127.0.0.1:53")]
    [TestCase("", "127.0.0.1:53")]
    public void Resolvers_of_the_host_are_read(string file, string expected)
        => Assert.That(string.Join(' ', SystemResolvers.Parse(file.Split('\n'))), Is.EqualTo(expected));

    private static DnsRecord Of(string name, DnsData data, DnsType type = DnsType.Soa) => new(DnsName.Parse(name), type, DnsClass.Internet, 60, data);

    private static Func<DnsMessage, DnsMessage> Aliases(params (string From, string To)[] aliases)
        => request => aliases.FirstOrDefault(a => a.From == request.Questions[0].Name.ToString()) is { To: { } to } alias
            ? FakeNameServer.To(request, answers: [Of(alias.From, new DnsData.Name(DnsName.Parse(to)), DnsType.Cname)])
            : FakeNameServer.To(request, DnsResponseCode.NxDomain);

    private static DnsClient Client(string? allowed = null)
        => new(new DnsTransport(new EgressPolicy(allowed is null ? [] : [IPNetwork.Parse(allowed)]), TimeProvider.System), () => 4711, TimeProvider.System);

    private DnsLookup Lookup() => new(Client(), [_resolver.Server]);
}
