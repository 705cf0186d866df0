using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Incidents;

/// <summary>For tests with a CA that refuses, and with a PagerDuty and a webhook of their own.</summary>
public abstract class IncidentsTest : ClusterTest
{
    protected const string RoutingKey = "R0123456789ABCDEF0123456789ABCDE";
    protected const string SigningKey = "a signing key of some length";

    private readonly List<HttpReceiver> _receivers = [];

    protected HttpReceiver PagerDuty => _receivers[0];

    protected HttpReceiver Webhook => _receivers[1];

    [SetUp]
    public async Task StartReceiversAsync()
    {
        _receivers.Add(await HttpReceiver.StartAsync());
        _receivers.Add(await HttpReceiver.StartAsync());
        await CreateSecretAsync("pagerduty", "routingKey", RoutingKey);
        await CreateSecretAsync("webhook", "signingKey", SigningKey);
    }

    [TearDown]
    public async Task StopReceiversAsync()
    {
        foreach (HttpReceiver receiver in _receivers)
        {
            await receiver.DisposeAsync();
        }
    }

    protected Task CreateSecretAsync(string name, string key, string value) =>
        Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace }, Data = new Dictionary<string, byte[]> { [key] = Encoding.UTF8.GetBytes(value) } },
            CancellationToken.None);

    protected PagerDutySettings PagerDutySettings => new() { RoutingKeySecretName = "pagerduty", Endpoint = PagerDuty.Address.AbsoluteUri };

    protected WebhookSettings WebhookSettings => new() { Name = "ops", Url = new Uri(Webhook.Address, "/hook").AbsoluteUri, SecretName = "webhook" };

    protected Task CreateSettingsAsync(IncidentSettings incidents) =>
        Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = Cluster.Namespace },
                Spec = new SettingsSpec { Incidents = incidents },
            },
            CancellationToken.None);

    /// <summary>The CA refuses every new order from now on.</summary>
    protected void Refuse() =>
        Cluster.Acme.Hooks.Before = request => Task.FromResult(
            request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Problem(403, "rejectedIdentifier", "Not for this name.") : null);

    protected Task<CertificateRenewalPolicy> WaitForIncidentAsync(PolicyBuilder policy, Func<IncidentStatus, bool> fits, string what) =>
        Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Incident is { } incident && fits(incident), what);

    protected Task<CertificateRenewalPolicy> WaitUntilOverAsync(PolicyBuilder policy) =>
        Cluster.WaitForPolicyAsync(policy.Name, p => p.Status is { Incident: null } && p.Condition("IncidentOpen")?.Status == "False", "to have no incident any more");

    protected static bool IsTold(IncidentStatus incident, string sink) => incident.Deliveries?.Any(d => d.Sink == sink && d.Revision == incident.Revision) == true;

    /// <summary>What PagerDuty has been sent, in that order.</summary>
    protected IReadOnlyList<(string Action, string Key)> PagerDutyEvents =>
        [.. PagerDuty.Requests.Select(r => JsonNode.Parse(r.Body)!).Select(e => (e["event_action"]!.GetValue<string>(), e["dedup_key"]!.GetValue<string>()))];

    /// <summary>Has as many runs fail as are wanted in all.</summary>
    protected async Task FailAsync(PolicyBuilder policy, int runs)
    {
        await Cluster.RequestRenewalAsync(policy.Name, $"try {runs}");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.ConsecutiveFailures >= runs, $"to have failed {runs} times");
    }
}
