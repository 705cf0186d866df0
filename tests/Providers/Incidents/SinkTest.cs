using System.Net;
using CertOperator.Crds.Policies;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Incidents;
using CertOperator.Providers.Tests.Egress;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Incidents;

/// <summary>Tells a server of the test of an incident.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal abstract class SinkTest : IAsyncDisposable
{
    protected static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly EgressHttpClients _clients;
    private readonly Lazy<Task<HttpReceiver>> _receiver = new(HttpReceiver.StartAsync);

    protected SinkTest()
    {
        Dialer = new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), Resolver, TimeProvider.System);
        _clients = new EgressHttpClients(Dialer, TimeProvider.System);
        Sinks = new IncidentSinks(_clients, Dialer, Clock);
    }

    protected FakeResolver Resolver { get; } = new();

    protected ManualTimeProvider Clock { get; } = new(Now);

    protected EgressDialer Dialer { get; }

    protected IncidentSinks Sinks { get; }

    protected static IncidentNotice Opened { get; } = new()
    {
        Change = IncidentChange.Opened,
        DedupKey = "certoperator/prod/shop/www/RenewalFailed",
        DeliveryId = "0123456789abcdef",
        Cause = IncidentCause.RenewalFailed,
        Severity = Criticality.High,
        Summary = "The certificate renewal of www.example.com fails: the CA said \"<no>\" & more",
        Message = "PlaceOrder: the CA said \"<no>\" & more",
        Reason = "NameRefused",
        Cluster = "prod",
        Namespace = "shop",
        Policy = "www",
        Hostname = "www.example.com",
        Run = "www-1",
        Since = new DateTimeOffset(2029, 12, 31, 23, 0, 0, TimeSpan.Zero),
        CertificateExpires = new DateTimeOffset(2030, 1, 20, 12, 0, 0, TimeSpan.Zero),
        NextAttempt = new DateTimeOffset(2030, 1, 1, 0, 1, 0, TimeSpan.Zero),
        ConsecutiveFailures = 3,
        Runbook = new Uri("https://wiki.example.com/certificates"),
    };

    protected static IncidentNotice Resolved { get; } = Opened with
    {
        Change = IncidentChange.Resolved,
        Summary = "The certificate renewal of www.example.com works again",
        Message = null,
        Reason = null,
        NextAttempt = null,
        ResolvedAt = Now,
        Run = "www-2",
    };

    public async ValueTask DisposeAsync()
    {
        if (_receiver.IsValueCreated)
        {
            await (await _receiver.Value).DisposeAsync();
        }

        Sinks.Dispose();
        _clients.Dispose();
        GC.SuppressFinalize(this);
    }

    protected Task<HttpReceiver> ReceiverAsync() => _receiver.Value;

    protected Task<DeliveryOutcome> TellAsync(IncidentTarget target, IncidentNotice? notice = null)
        => Sinks.DeliverAsync("shop/receiver", target, notice ?? Opened, CancellationToken.None);

    protected static string? Header(ProxiedRequest request, string name)
        => request.Headers.Where(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).SingleOrDefault();
}
