using System.Net;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Tests.Egress;
using CertOperator.Providers.Webhooks;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Webhooks;

internal sealed class WebhookSenderTests : IDisposable
{
    private static readonly byte[] Key = "0123456789abcdef"u8.ToArray();
    private static readonly WebhookMessage Message = new("renewed", "d1", "{}"u8.ToArray());

    private readonly TestAuthority _root = TestAuthority.CreateRoot(TimeProvider.System);
    private readonly FakeResolver _resolver = new FakeResolver().Answer("hooks.example", "127.0.0.1");

    public void Dispose() => _root.Dispose();

    [TestCase(200)]
    [TestCase(202)]
    [TestCase(299)]
    public async Task An_answer_of_success_is_a_delivery(int status)
        => Assert.That(await SendAsync(status), Is.EqualTo(new WebhookOutcome.Delivered(status)));

    [TestCase(408)]
    [TestCase(425)]
    [TestCase(429)]
    [TestCase(500)]
    [TestCase(503)]
    public async Task An_answer_that_may_change_is_tried_again_after_the_time_it_names(int status)
    {
        Assert.That(await SendAsync(status), Is.EqualTo(new WebhookOutcome.Retry($"hooks.example answered {status}.", null)));
        Assert.That(await SendAsync(status, "Retry-After: 7\r\n"), Has.Property("RetryAfter").EqualTo(TimeSpan.FromSeconds(7)));
        Assert.That(await SendAsync(status, "Retry-After: 999999999\r\n"), Has.Property("RetryAfter").EqualTo(TimeSpan.FromDays(1)));
        Assert.That(await SendAsync(status, "Retry-After: soon\r\n"), Has.Property("RetryAfter").Null);
    }

    [TestCase(400)]
    [TestCase(401)]
    [TestCase(404)]
    [TestCase(410)]
    public async Task Any_other_refusal_is_for_a_person(int status)
        => Assert.That(await SendAsync(status), Is.TypeOf<WebhookOutcome.Refused>().With.Message.Contains($"hooks.example answered {status}"));

    [TestCase(301)]
    [TestCase(307)]
    public async Task A_redirect_is_refused_and_not_followed(int status)
        => Assert.That(await SendAsync(status, "Location: https://hooks.example/elsewhere\r\n"), Is.TypeOf<WebhookOutcome.Refused>().With.Message.Contains("redirect").And.Message.Not.Contains("elsewhere"));

    [Test]
    public async Task An_address_that_the_operator_must_not_dial_is_for_a_person_and_the_URL_is_not_told()
    {
        using var clients = Clients([]);
        var outcome = await new WebhookSender(clients, TimeProvider.System).SendAsync(TargetAt(443), Message, CancellationToken.None);
        Assert.That(outcome, Is.TypeOf<WebhookOutcome.Refused>().With.Message.Contains("--egress-allow").And.Message.Not.Contains("token"));
    }

    [Test]
    public async Task A_server_that_is_not_trusted_is_tried_again_since_its_owner_may_mend_it()
    {
        using var other = TestAuthority.CreateRoot(TimeProvider.System, "Other Root");
        Assert.That(await SendAsync(200, bundle: other.Pem), Is.TypeOf<WebhookOutcome.Retry>().With.Message.Contains("not trusted"));
    }

    [Test]
    public void A_target_does_not_write_its_key_or_path()
        => Assert.That(TargetAt(443).ToString(), Is.EqualTo("hooks.example"));

    private async Task<WebhookOutcome> SendAsync(int status, string headers = "", string? bundle = null)
    {
        using var leaf = _root.Issue(new LeafRequest("hooks.example"));
        await using var server = new TestTlsServer(leaf.ServerSide(), $"HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n");
        using var clients = Clients([IPNetwork.Parse("127.0.0.1/32")]);
        return await new WebhookSender(clients, TimeProvider.System).SendAsync(TargetAt(server.Port) with { CaBundle = bundle ?? _root.Pem }, Message, CancellationToken.None);
    }

    private EgressHttpClients Clients(IReadOnlyList<IPNetwork> allowed) => new(new EgressDialer(new EgressPolicy(allowed), _resolver, TimeProvider.System), TimeProvider.System);

    private static WebhookTarget TargetAt(int port) => new(new Uri($"https://hooks.example:{port}/token-1?key=token-2"), Key, null);
}
