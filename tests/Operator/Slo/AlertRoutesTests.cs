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
