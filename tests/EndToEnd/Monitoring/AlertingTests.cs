using System.Globalization;
using System.Text.Json.Nodes;
using CertOperator.EndToEnd.Harness;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Monitoring;

/// <summary>From the operator's metrics through Prometheus and Alertmanager to those who are told, with the files that are shipped.</summary>
public sealed class AlertingTests : ClusterTest
{
    private const string RoutingKey = "R0123456789ABCDEF0123456789ABCDE";

    private readonly List<IAsyncDisposable> _servers = [];

    [TearDown]
    public async Task StopServersAsync()
    {
        foreach (IAsyncDisposable server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }
    }

    [Test]
    public async Task A_failed_renewal_is_told_in_Slack_and_an_operator_that_is_gone_wakes_somebody_through_PagerDuty()
    {
        HttpReceiver receiver = Kept(await HttpReceiver.StartAsync());
        AlertmanagerServer alertmanager = Kept(await AlertmanagerServer.StartAsync(Routes(receiver), new Dictionary<string, string>
        {
            ["pagerduty-routing-key"] = RoutingKey,
            ["slack-webhook-url"] = new Uri(receiver.Address, "/slack").AbsoluteUri,
        }));
        Refuse();
        OperatorUnderTest first = await Cluster.StartOperatorAsync();
        PrometheusServer prometheus = Kept(await PrometheusServer.StartAsync([TargetOf(first)], Rules(), alertmanager.EndPoint));
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        string told = await Eventually.GetAsync(
            _ => Task.FromResult(Texts(receiver, "/slack").FirstOrDefault(t => t.Contains("RenewalFailures", StringComparison.Ordinal)) ?? ""),
            text => text.Length > 0,
            Deadlines.Run,
            "the failed renewal to be told in Slack");

        Assert.That(told, Does.Contain($"Renewals of {Cluster.Namespace}/{policy.Name} fail").And.Contain("https://certoperator.io/runbooks/RenewalFailures"));
        Assert.That(await prometheus.RulesAsync(), Has.All.Matches<(string Name, string Health, string? Error)>(r => r.Health == "ok"), "a rule that could not be evaluated");
        Assert.That(Texts(receiver, "/v2/enqueue"), Is.Empty, "a ticket wakes nobody");

        await first.KillAsync();
        JsonNode page = await PagerDutyEventAsync(receiver, "trigger");

        Assert.Multiple(() =>
        {
            Assert.That(page["routing_key"]!.GetValue<string>(), Is.EqualTo(RoutingKey));
            Assert.That(page["payload"]!["summary"]!.GetValue<string>(), Is.EqualTo("No replica of the operator renews certificates"));
            Assert.That(page["payload"]!["severity"]!.GetValue<string>(), Is.EqualTo("critical"));
            Assert.That(page["payload"]!["class"]!.GetValue<string>(), Is.EqualTo("RenewalEngineStalled"));
            Assert.That(page["links"]![0]!["href"]!.GetValue<string>(), Is.EqualTo("https://certoperator.io/runbooks/RenewalEngineStalled"));
        });
        Assert.That(Texts(receiver, "/slack"), Has.Some.Contains("RenewalEngineStalled"));

        prometheus.Targets([TargetOf(await Cluster.StartOperatorAsync())]);
        JsonNode end = await PagerDutyEventAsync(receiver, "resolve");

        Assert.That(end["dedup_key"]!.GetValue<string>(), Is.EqualTo(page["dedup_key"]!.GetValue<string>()));
    }

    [Test]
    public async Task Every_metric_that_the_rules_read_is_served()
    {
        OperatorUnderTest one = await Cluster.StartOperatorAsync(new OperatorSettings { Flags = ["--inventory"] });

        string metrics = await one.MetricsAsync();

        string[] named = [.. SloRules.Build(SloObjectives.Default, RuleScope.Fleet).SelectMany(g => g.Rules)
            .SelectMany(r => r.Expression.Split([' ', '(', ')', '{', '[', '\n'])).Where(w => w.StartsWith("certoperator_", StringComparison.Ordinal)).Distinct()];
        Assert.That(named, Has.Length.GreaterThan(6));
        Assert.That(named.Where(n => !metrics.Contains($"# TYPE {n} ", StringComparison.Ordinal)), Is.Empty);
    }

    private T Kept<T>(T server)
        where T : IAsyncDisposable
    {
        _servers.Add(server);
        return server;
    }

    private void Refuse() =>
        Cluster.Acme.Hooks.Before = request => Task.FromResult(
            request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Problem(403, "rejectedIdentifier", "Not for this name.") : null);

    private static string TargetOf(OperatorUnderTest one) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{one.MetricsPort}");

    /// <summary>The rules as they are shipped, without the time for which something has to last.</summary>
    private static string Rules()
    {
        var text = new StringWriter();
        RulesYaml.Write(
            [.. SloRules.Build(SloObjectives.Default, RuleScope.Fleet).Select(g => g with { Rules = [.. g.Rules.Select(r => r is AlertingRule a ? a with { For = "0s" } : r)] })],
            text);
        return text.ToString();
    }

    /// <summary>The routes as they are shipped, without the time that groups are waited for.</summary>
    private static string Routes(HttpReceiver receiver) =>
        File.ReadAllText(Repository.PathOf("config", "alertmanager", "routes.yml"))
            .Replace("resolve_timeout: 5m", $"pagerduty_url: {new Uri(receiver.Address, "/v2/enqueue")}", StringComparison.Ordinal)
            .Replace("group_wait: 30s", "group_wait: 1s", StringComparison.Ordinal)
            .Replace("group_interval: 5m", "group_interval: 1s", StringComparison.Ordinal);

    private static Task<JsonNode> PagerDutyEventAsync(HttpReceiver receiver, string action) =>
        Eventually.GetAsync(
            _ => Task.FromResult(Texts(receiver, "/v2/enqueue").Select(t => JsonNode.Parse(t)!).FirstOrDefault(e => e["event_action"]!.GetValue<string>() == action)!),
            e => e is not null,
            Deadlines.Run,
            $"PagerDuty to be sent a {action}");

    private static IReadOnlyList<string> Texts(HttpReceiver receiver, string path) =>
        [.. receiver.Requests.Where(r => r.Path == path).Select(r => r.BodyText)];
}
