using System.Text.Json.Nodes;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

/// <summary>config/alertmanager/routes.yml, in Alertmanager's own test program.</summary>
[Category("Component")]
public sealed class AlertRoutesTests
{
    private const string PagesReceiver = "certoperator-pages";
    private const string PagesInSlack = "certoperator-pages-in-slack";
    private const string Tickets = "certoperator-tickets";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });
    private static readonly string Routes = Repository.PathOf("config", "alertmanager", "routes.yml");

    [OneTimeSetUp]
    public Task InstallAsync() => ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["alertmanager"]);

    [Test]
    public async Task Amtool_finds_no_fault()
    {
        var result = await ToolProcess.RunAsync("amtool", ["check-config", Routes], new ToolOptions { AllowFailure = true });

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
    }

    [TestCaseSource(nameof(Alerts))]
    public async Task An_alert_goes_where_its_severity_says(string receiver, string[] labels)
    {
        var result = await ToolProcess.RunAsync(
            "amtool",
            ["config", "routes", "test", $"--config.file={Routes}", $"--verify.receivers={receiver}", .. labels],
            new ToolOptions { AllowFailure = true });

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
    }

    [Test]
    public async Task An_alert_is_told_by_itself_and_a_page_mutes_the_ticket_about_the_same_certificate_alone()
    {
        await using var receiver = await HttpReceiver.StartAsync();
        await using var alertmanager = await StartAsync(receiver);
        await AddAsync(alertmanager, "page CertificateExpiringSoon secret=a");
        await AddAsync(alertmanager, "page CertificateExpiringSoon policy=p");
        foreach (var ticket in new[] { "secret=a", "secret=b", "policy=p", "policy=a", "secret=p" })
        {
            await AddAsync(alertmanager, $"ticket CertificateExpiringWarning {ticket}");
        }

        var muted = await Eventually.GetAsync(
            async ct => (await AskAsync(alertmanager, "alerts", ct)).Where(a => a!["status"]!["inhibitedBy"]!.AsArray().Count > 0).Select(a => Certificate(a!["labels"]!)).Order(StringComparer.Ordinal).ToList(),
            m => m.Count >= 2,
            TimeSpan.FromSeconds(30),
            "the tickets to be muted");

        Assert.That(muted, Is.EqualTo(new[] { "policy=p", "secret=a" }));
        Assert.That((await AskAsync(alertmanager, "alerts/groups", default)).Select(g => g!["alerts"]!.AsArray().Count), Is.EqualTo(Enumerable.Repeat(1, 7)), "no two in one group");
    }

    [Test]
    public async Task What_happens_in_one_cluster_is_told_whatever_happens_in_another()
    {
        await using var receiver = await HttpReceiver.StartAsync();
        await using var alertmanager = await StartAsync(receiver);
        foreach (var alert in new[]
        {
            "page CertificateExpiringSoon policy=p cluster=a", "page CertificateExpiringSoon policy=p cluster=b",
            "ticket CertificateRenewalOverdue policy=p cluster=a", "ticket CertificateRenewalOverdue policy=p cluster=c",
            "page IncidentDeliveryFailing sink=pagerduty cluster=a", "page IncidentDeliveryFailing sink=pagerduty cluster=b",
            "ticket IncidentDeliveryFailing sink=slack", "ticket IncidentDeliveryFailing sink=webhook",
        })
        {
            await AddAsync(alertmanager, alert);
        }

        var pages = await Eventually.GetAsync(
            _ => Task.FromResult(Pages(receiver)),
            p => p.Count >= 4,
            TimeSpan.FromSeconds(60),
            "a page for each alert and cluster");

        var muted = (await AskAsync(alertmanager, "alerts", default)).Where(a => a!["status"]!["inhibitedBy"]!.AsArray().Count > 0).Select(a => $"{a!["labels"]!["alertname"]} {a["labels"]!["cluster"]}");
        Assert.Multiple(() =>
        {
            Assert.That(pages.Select(p => p["dedup_key"]!.GetValue<string>()), Is.Unique);
            Assert.That(pages.Select(p => p["payload"]!["summary"]!.GetValue<string>()), Is.EquivalentTo(new[] { "a: Of CertificateExpiringSoon", "b: Of CertificateExpiringSoon", "a: Of IncidentDeliveryFailing", "b: Of IncidentDeliveryFailing" }));
            Assert.That(muted, Is.EqualTo(new[] { "CertificateRenewalOverdue a" }));
        });
        Assert.That((await AskAsync(alertmanager, "alerts/groups", default)).Select(g => g!["alerts"]!.AsArray().Count), Is.EqualTo(Enumerable.Repeat(1, 8)), "no two in one group");
    }

    [Test]
    public async Task The_drill_wakes_somebody_with_a_link_to_the_runbook()
    {
        var command = RunbookPage.Read("docs/operations.md").Blocks.SelectMany(b => b.Commands.Split('\n')).Single(l => l.StartsWith("amtool alert add ", StringComparison.Ordinal));
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var labels = words.Where(w => !w.StartsWith('-') && w.Contains('=', StringComparison.Ordinal)).ToArray();
        var route = await ToolProcess.RunAsync("amtool", ["config", "routes", "test", $"--config.file={Routes}", $"--verify.receivers={PagesReceiver}", .. labels], new ToolOptions { AllowFailure = true });
        Assert.That(route.ExitCode, Is.Zero, route.Output + route.Error);

        await using var receiver = await HttpReceiver.StartAsync();
        await using var alertmanager = await StartAsync(receiver);
        await ToolProcess.RunAsync("bash", ["-eu", "-c", command], new ToolOptions { Environment = new Dictionary<string, string?> { ["ALERTMANAGER"] = $"http://{alertmanager.EndPoint}" } });
        var pages = await Eventually.GetAsync(_ => Task.FromResult(Pages(receiver)), p => p.Count > 0, TimeSpan.FromSeconds(60), "the page of the drill");

        Assert.That(pages[0]["links"]![0]!["href"]!.GetValue<string>(), Is.EqualTo("https://certoperator.io/runbooks/CertificateExpiringSoon"));
    }

    /// <summary>With the routes as they are shipped, without the time that groups are waited for.</summary>
    private static async Task<AlertmanagerServer> StartAsync(HttpReceiver receiver)
        => await AlertmanagerServer.StartAsync(
            (await File.ReadAllTextAsync(Routes)).Replace("resolve_timeout: 5m", $"pagerduty_url: {new Uri(receiver.Address, "/v2/enqueue")}", StringComparison.Ordinal)
                .Replace("group_wait: 30s", "group_wait: 1s", StringComparison.Ordinal),
            new Dictionary<string, string> { ["pagerduty-routing-key"] = new string('0', 32), ["slack-webhook-url"] = new Uri(receiver.Address, "/slack").AbsoluteUri });

    private static Task AddAsync(AlertmanagerServer alertmanager, string alert)
        => ToolProcess.RunAsync("amtool", [$"--alertmanager.url=http://{alertmanager.EndPoint}", "alert", "add", .. Labels(alert), $"--annotation=summary=Of {alert.Split(' ')[1]}"]);

    private static IReadOnlyList<JsonNode> Pages(HttpReceiver receiver)
        => [.. receiver.Requests.Where(r => r.Path == "/v2/enqueue").Select(r => JsonNode.Parse(r.BodyText)!)];

    private static string[] Labels(string alert)
        => alert.Split(' ') is [var severity, var name, .. var others] ? [$"alertname={name}", "service=certoperator", $"severity={severity}", "namespace=shop", .. others] : [];

    private static string Certificate(JsonNode labels) => labels["policy"] is { } policy ? $"policy={policy}" : $"secret={labels["secret"]}";

    private static async Task<JsonArray> AskAsync(AlertmanagerServer alertmanager, string what, CancellationToken ct)
        => JsonNode.Parse(await Http.GetStringAsync(new Uri($"http://{alertmanager.EndPoint}/api/v2/{what}"), ct))!.AsArray();

    /// <summary>Every alert that the rules can make, and some that they cannot.</summary>
    public static IEnumerable<TestCaseData> Alerts()
    {
        var rules = SloRules.Build(SloObjectives.Default, RuleScope.Fleet)
            .Concat(SloRules.Build(SloObjectives.Default, RuleScope.Of("shop"), operatorPages: true))
            .SelectMany(g => g.Rules).OfType<AlertingRule>()
            .Select(a => (a.Alert, Labels: a.Labels.Prepend(KeyValuePair.Create("alertname", a.Alert)).Select(l => $"{l.Key}={l.Value}").ToArray()))
            .DistinctBy(a => string.Join(',', a.Labels));
        foreach (var (alert, labels) in rules)
        {
            var page = labels.Contains("severity=page");
            var byOperator = labels.Contains("paged_by=operator");
            var which = labels.Contains("source=inventory") ? $"{alert}, without a policy" : alert;
            yield return new TestCaseData(page ? byOperator ? PagesInSlack : PagesReceiver : Tickets, labels).SetArgDisplayNames(which, byOperator ? "paged by the operator" : page ? "page" : "ticket");
        }

        yield return new TestCaseData(Tickets, new[] { "alertname=Other", "service=shop", "severity=page" }).SetArgDisplayNames("an alert of another service");
        yield return new TestCaseData(Tickets, new[] { "alertname=New", "service=certoperator", "severity=unheard" }).SetArgDisplayNames("a severity that nobody has heard of");
        yield return new TestCaseData(Tickets, new[] { "alertname=RenewalFailures", "service=certoperator", "severity=ticket", "paged_by=operator" }).SetArgDisplayNames("a ticket, whoever pages");
    }
}
