using System.Net;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Egress;

internal sealed class EgressHttpClientsTests : IDisposable
{
    private readonly TestAuthority _root = TestAuthority.CreateRoot(TimeProvider.System);
    private readonly TestAuthority _intermediate;
    private readonly TestAuthority _other = TestAuthority.CreateRoot(TimeProvider.System, "Other Root");
    private readonly FakeResolver _resolver = new FakeResolver().Answer("ca.example", "127.0.0.1").Answer("wrong.example", "127.0.0.1");
    private readonly EgressHttpClients _clients;

    public EgressHttpClientsTests()
    {
        _intermediate = _root.CreateIntermediate();
        _clients = new EgressHttpClients(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), _resolver, TimeProvider.System), TimeProvider.System);
    }

    public void Dispose()
    {
        _clients.Dispose();
        _root.Dispose();
        _other.Dispose();
    }

    private TestTlsServer Server(LeafRequest? request = null)
    {
        using var leaf = _intermediate.Issue(request ?? new LeafRequest("ca.example"));
        return new TestTlsServer(leaf.ServerSide());
    }

    private static async Task<string> MessageOfAsync(HttpClient client, TestTlsServer server, string host = "ca.example")
    {
        try
        {
            await client.GetStringAsync(new Uri($"https://{host}:{server.Port}/"));
        }
        catch (HttpRequestException e) when (e.InnerException is ServerNotTrustedException inner)
        {
            return inner.Message;
        }

        throw new InvalidOperationException("The server was trusted.");
    }

    [Test]
    public async Task A_server_of_the_bundles_CA_is_trusted()
    {
        await using var server = Server();
        Assert.That(await _clients.Get(_other.Pem + _root.Pem).GetStringAsync(new Uri($"https://ca.example:{server.Port}/")), Is.EqualTo("ok"));
    }

    [Test]
    public async Task A_bundle_with_the_intermediate_alone_is_enough()
    {
        await using var server = Server();
        Assert.That(await _clients.Get(_intermediate.Pem).GetStringAsync(new Uri($"https://ca.example:{server.Port}/")), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Without_a_bundle_the_message_names_the_issuer_and_the_field()
    {
        await using var server = Server();
        Assert.That(await MessageOfAsync(_clients.Get(null), server), Does.Contain("ca.example").And.Contain("'CN=Test Root'").And.Contain("set caBundle"));
    }

    [Test]
    public async Task With_another_CAs_bundle_the_message_says_so()
    {
        await using var server = Server();
        Assert.That(await MessageOfAsync(_clients.Get(_other.Pem), server), Does.Contain("'CN=Test Root' is neither in caBundle nor among the system's CAs"));
    }

    [Test]
    public async Task A_CA_of_the_same_name_is_not_trusted()
    {
        using var imposter = TestAuthority.CreateRoot(TimeProvider.System);
        await using var server = Server();
        Assert.That(await MessageOfAsync(_clients.Get(imposter.Pem), server), Does.Contain("not trusted"));
    }

    [Test]
    public async Task Another_name_is_not_trusted()
    {
        await using var server = Server();
        Assert.That(await MessageOfAsync(_clients.Get(_root.Pem), server, "wrong.example"), Does.Contain("is for ca.example and not for wrong.example"));
    }

    [Test]
    public async Task An_expired_certificate_is_not_trusted()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var server = Server(new LeafRequest("ca.example") { NotBefore = now.AddDays(-3), NotAfter = now.AddDays(-2) });
        Assert.That(await MessageOfAsync(_clients.Get(_root.Pem), server), Does.Contain("not valid now"));
    }

    [Test]
    public async Task A_clients_certificate_is_not_trusted()
    {
        await using var server = Server(new LeafRequest("ca.example") { KeyUsages = [LeafRequest.ClientAuth] });
        Assert.That(await MessageOfAsync(_clients.Get(_root.Pem), server), Does.Contain("not one for TLS servers"));
    }

    [Test]
    public async Task An_expired_CA_in_the_bundle_vouches_for_nothing()
    {
        using var old = _root.CreateIntermediate("Old", notAfter: TimeProvider.System.GetUtcNow().AddDays(-1));
        using var leaf = old.Issue(new LeafRequest("ca.example"));
        await using var server = new TestTlsServer(leaf.ServerSide());
        Assert.That(await MessageOfAsync(_clients.Get(old.Pem), server), Does.Contain("'CN=Old' in caBundle is not valid now"));
    }

    [Test]
    public async Task A_redirect_is_not_followed()
    {
        using var leaf = _intermediate.Issue(new LeafRequest("ca.example"));
        await using var server = new TestTlsServer(leaf.ServerSide(), "HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
        using var response = await _clients.Get(_root.Pem).GetAsync(new Uri($"https://ca.example:{server.Port}/"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Found));
    }

    [Test]
    public async Task A_name_that_changes_its_address_after_the_check_is_checked_again()
    {
        await using var server = Server();
        _resolver.Answer("rebind.example", "10.0.0.1");
        Assert.That(
            async () => await _clients.Get(_root.Pem).GetStringAsync(new Uri($"https://rebind.example:{server.Port}/")),
            Throws.TypeOf<HttpRequestException>().With.InnerException.TypeOf<EgressDeniedException>().And.Message.Contains("--egress-allow 10.0.0.1/32"));
        Assert.That(_resolver.Asked.Count(h => h == "rebind.example"), Is.EqualTo(1));
    }

    [Test]
    public void The_same_bundle_gives_the_same_client()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_clients.Get(_root.Pem), Is.SameAs(_clients.Get(_root.Pem)));
            Assert.That(_clients.Get(null), Is.SameAs(_clients.Get("")));
            Assert.That(_clients.Get(_root.Pem), Is.Not.SameAs(_clients.Get(_other.Pem)));
        }
    }

    [Test]
    public void A_bundle_that_cannot_be_read_is_told() =>
        Assert.That(() => _clients.Get("nonsense"), Throws.TypeOf<PkiException>().With.Message.Contains("CA bundle"));

    [Test]
    public async Task The_number_of_clients_is_bounded_and_one_that_fell_out_still_works()
    {
        await using var server = Server();
        var held = _clients.Get(_root.Pem + "\n# held");
        for (var i = 0; i < EgressHttpClients.Capacity; i++)
        {
            _clients.Get($"{_root.Pem}\n# {i}");
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_clients.Count, Is.EqualTo(EgressHttpClients.Capacity));
            Assert.That(_clients.Get(_root.Pem + "\n# held"), Is.Not.SameAs(held));
            Assert.That(await held.GetStringAsync(new Uri($"https://ca.example:{server.Port}/")), Is.EqualTo("ok"));
        }
    }
}
