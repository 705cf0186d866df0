using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Probing;
using CertOperator.Providers.Tests.Egress;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Probing;

internal sealed class TlsProberTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot(TimeProvider.System);
    private readonly TestAuthority _intermediate;
    private readonly IssuedLeaf _leaf;
    private readonly FakeResolver _resolver = new FakeResolver().Answer("www.example.com", "127.0.0.1").Answer("backend.example", "127.0.0.1").Answer("inner.example", "10.0.0.1");

    public TlsProberTests()
    {
        _intermediate = _root.CreateIntermediate();
        _leaf = _intermediate.Issue(new LeafRequest("www.example.com", "*.wild.example", "127.0.0.1"));
    }

    public void Dispose()
    {
        _leaf.Dispose();
        _root.Dispose();
    }

    private TlsProber Prober(TimeProvider? clock = null) =>
        new(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), _resolver, clock ?? TimeProvider.System), clock ?? TimeProvider.System);

    [Test]
    public async Task Reports_what_is_served_and_that_it_is_trusted()
    {
        await using var server = new TestTlsServer(_leaf.ServerSide());
        var result = await Prober().ProbeAsync(new ProbeTarget { Host = "www.example.com", Port = server.Port, CaBundlePem = _root.Pem }, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Endpoint, Is.EqualTo($"www.example.com:{server.Port}"));
            Assert.That(result.Reachable, Is.True);
            Assert.That(result.Error, Is.Null);
            Assert.That(result.Leaf?.Fingerprint, Is.EqualTo(CertificateFacts.From(_leaf.Certificate).Fingerprint));
            Assert.That(result.ChainLength, Is.EqualTo(2));
            Assert.That(result.Protocol, Is.EqualTo("TLSv1.3"));
            Assert.That(result.TrustErrors, Is.Empty);
            Assert.That(result.ChainTrusted, Is.True);
        }
    }

    [Test]
    public async Task Reports_an_untrusted_certificate_all_the_same()
    {
        await using var server = new TestTlsServer(_leaf.ServerSide(), protocols: SslProtocols.Tls12);
        var result = await Prober().ProbeAsync(new ProbeTarget { Host = "backend.example", Port = server.Port }, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Reachable, Is.True);
            Assert.That(result.Leaf?.DnsNames, Has.Member("www.example.com"));
            Assert.That(result.Protocol, Is.EqualTo("TLSv1.2"));
            Assert.That(result.ChainTrusted, Is.False);
            Assert.That(result.TrustErrors, Has.Some.Contains("not for backend.example").And.Some.Contains("'CN=Test Root'"));
        }
    }

    [Test]
    public async Task A_chain_without_its_intermediate_is_found()
    {
        await using var server = new TestTlsServer(_leaf.ServerSide() with { Issuers = [] });
        var result = await Prober().ProbeAsync(new ProbeTarget { Host = "www.example.com", Port = server.Port, CaBundlePem = _root.Pem }, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ChainLength, Is.EqualTo(1));
            Assert.That(result.TrustErrors, Has.Exactly(1).Contains("'CN=Test Intermediate'"));
        }
    }

    [Test]
    public async Task Asks_for_the_servers_name_and_dials_elsewhere()
    {
        await using var server = new TestTlsServer(_leaf.ServerSide());
        var target = new ProbeTarget { Host = "nowhere.example", Port = 443, ServerName = "a.wild.example", ConnectTo = $"127.0.0.1:{server.Port}", CaBundlePem = _root.Pem };
        var result = await Prober().ProbeAsync(target, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.TrustErrors, Is.Empty);
            Assert.That(result.Endpoint, Is.EqualTo("nowhere.example:443"));
            Assert.That(server.ServerNames, Is.EqualTo(new[] { "a.wild.example" }));
            Assert.That(_resolver.Asked, Has.No.Member("nowhere.example"));
        }
    }

    [Test]
    public async Task An_address_is_probed_by_its_address()
    {
        await using var server = new TestTlsServer(_leaf.ServerSide());
        var result = await Prober().ProbeAsync(new ProbeTarget { Host = "127.0.0.1", Port = server.Port, CaBundlePem = _root.Pem }, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.TrustErrors, Is.Empty);
            Assert.That(server.ServerNames, Is.EqualTo(new[] { "" }));
        }
    }

    [Test]
    public async Task Names_that_nobody_knows_closed_ports_and_inner_addresses_are_results()
    {
        using var reserved = new TcpListener(IPAddress.Loopback, 0);
        reserved.Start();
        var port = ((IPEndPoint)reserved.LocalEndpoint).Port;
        reserved.Stop();
        async Task<string?> ErrorOf(string host, string? connectTo = null, string? bundle = null)
        {
            var result = await Prober().ProbeAsync(new ProbeTarget { Host = host, Port = port, ConnectTo = connectTo, CaBundlePem = bundle }, CancellationToken.None);
            Assert.That(result.Reachable, Is.False);
            return result.Error;
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await ErrorOf("unknown.example"), Does.Contain("does not resolve"));
            Assert.That(await ErrorOf("www.example.com"), Does.Contain("ConnectionRefused"));
            Assert.That(await ErrorOf("inner.example"), Does.Contain("--egress-allow 10.0.0.1/32"));
            Assert.That(await ErrorOf("www.example.com", connectTo: "https://x"), Does.StartWith("connectTo: "));
            Assert.That(await ErrorOf("www.example.com", bundle: "nonsense"), Does.Contain("CA bundle"));
        }
    }

    [Test]
    public async Task A_server_without_TLS_is_a_result()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var probe = Prober().ProbeAsync(new ProbeTarget { Host = "127.0.0.1", Port = port }, CancellationToken.None);
        using (var client = await listener.AcceptTcpClientAsync())
        {
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        }

        Assert.That((await probe).Error, Does.Contain("made no TLS handshake"));
    }

    [Test]
    public async Task A_server_that_stays_silent_is_given_up_in_time()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var clock = new ManualTimeProvider();
        var probe = Prober(clock).ProbeAsync(new ProbeTarget { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, Timeout = TimeSpan.FromSeconds(3) }, CancellationToken.None);
        using var client = await listener.AcceptTcpClientAsync();
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That((await probe).Error, Does.Contain("within 3 s"));
    }

    [Test]
    public async Task Cancellation_stays_cancellation()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var cancel = new CancellationTokenSource();
        var probe = Prober().ProbeAsync(new ProbeTarget { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port }, cancel.Token);
        using var client = await listener.AcceptTcpClientAsync();
        await cancel.CancelAsync();
        Assert.That(async () => await probe, Throws.InstanceOf<OperationCanceledException>());
    }
}
