using System.Text.Json.Nodes;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

/// <summary>config/alertmanager/routes.yml, in Alertmanager's own test program.</summary>
[Category("Component")]
public sealed class AlertRoutesTests
{
    private const string Pages = "certoperator-pages";
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
        await using var alertmanager = await AlertmanagerServer.StartAsync(
            (await File.ReadAllTextAsync(Routes)).Replace("resolve_timeout: 5m", $"pagerduty_url: {new Uri(receiver.Address, "/v2/enqueue")}", StringComparison.Ordinal),
            new Dictionary<string, string> { ["pagerduty-routing-key"] = new string('0', 32), ["slack-webhook-url"] = new Uri(receiver.Address, "/slack").AbsoluteUri });
        await ToolProcess.RunAsync("amtool", [$"--alertmanager.url=http://{alertmanager.EndPoint}", "alert", "add", .. Labels("page CertificateExpiringSoon secret=a")]);
        await ToolProcess.RunAsync("amtool", [$"--alertmanager.url=http://{alertmanager.EndPoint}", "alert", "add", .. Labels("page CertificateExpiringSoon policy=p")]);
        foreach (var ticket in new[] { "secret=a", "secret=b", "policy=p", "policy=a", "secret=p" })
        {
            await ToolProcess.RunAsync("amtool", [$"--alertmanager.url=http://{alertmanager.EndPoint}", "alert", "add", .. Labels($"ticket CertificateExpiringWarning {ticket}")]);
        }

        var muted = await Eventually.GetAsync(
            async ct => (await AskAsync(alertmanager, "alerts", ct)).Where(a => a!["status"]!["inhibitedBy"]!.AsArray().Count > 0).Select(a => Certificate(a!["labels"]!)).Order(StringComparer.Ordinal).ToList(),
            m => m.Count >= 2,
            TimeSpan.FromSeconds(30),
            "the tickets to be muted");

        Assert.That(muted, Is.EqualTo(new[] { "policy=p", "secret=a" }));
        Assert.That((await AskAsync(alertmanager, "alerts/groups", default)).Select(g => g!["alerts"]!.AsArray().Count), Is.EqualTo(Enumerable.Repeat(1, 7)), "no two in one group");
    }

    private static string[] Labels(string alert)
        => alert.Split(' ') is [var severity, var name, var certificate] ? [$"alertname={name}", "service=certoperator", $"severity={severity}", "namespace=shop", certificate] : [];

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
            yield return new TestCaseData(page ? byOperator ? PagesInSlack : Pages : Tickets, labels).SetArgDisplayNames(alert, byOperator ? "paged by the operator" : page ? "page" : "ticket");
        }

        yield return new TestCaseData(Tickets, new[] { "alertname=Other", "service=shop", "severity=page" }).SetArgDisplayNames("an alert of another service");
        yield return new TestCaseData(Tickets, new[] { "alertname=New", "service=certoperator", "severity=unheard" }).SetArgDisplayNames("a severity that nobody has heard of");
        yield return new TestCaseData(Tickets, new[] { "alertname=RenewalFailures", "service=certoperator", "severity=ticket", "paged_by=operator" }).SetArgDisplayNames("a ticket, whoever pages");
    }
}
