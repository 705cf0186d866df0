using CertOperator.Crds.Settings;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

public sealed class RulesFileTests
{
    [Test]
    public async Task What_is_checked_in_is_what_the_code_says()
    {
        var chart = new StringWriter();
        RulesYaml.Write(ChartRules.Build(), chart, ChartRules.Note);

        Assert.That(await File.ReadAllTextAsync(Repository.PathOf("config/prometheus/slo.yml")), Is.EqualTo(Text(RuleScope.Fleet)), "run make generate");
        Assert.That(await File.ReadAllTextAsync(Repository.PathOf("charts/cert-operator/files/slo-rules.yaml")), Is.EqualTo(chart.ToString()), "run make generate");
    }

    [Test]
    public void The_chart_has_a_placeholder_for_each_number_that_a_value_gives()
    {
        var texts = string.Join('\n', ChartRules.Build().SelectMany(g => g.Rules).SelectMany(r => r is AlertingRule alert ? alert.Annotations.Select(a => a.Value).Append(alert.Expression) : [r.Expression]));

        Assert.Multiple(() =>
        {
            foreach (var (name, number) in ChartRules.Placeholders)
            {
                Assert.That(texts, Does.Contain($"__{name}__").And.Not.Contain(number));
            }

            Assert.That(ChartRules.Placeholders.Values, Is.Unique);
            Assert.That(texts, Does.Contain("__runbook_CertificateExpiringSoon__"));
        });
    }

    [Test]
    [Category("Component")]
    public async Task Promtool_finds_no_fault([Values(null, "shop")] string? ns)
    {
        await ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["promtool"]);
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("rules.yml"), Text(ns is null ? RuleScope.Fleet : RuleScope.Of(ns)));

        var result = await ToolProcess.RunAsync("promtool", ["check", "rules", "--lint=all", "--lint-fatal", directory.File("rules.yml")], new ToolOptions { AllowFailure = true });

        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
    }

    [Test]
    public void Every_alert_has_a_name_of_the_list_and_what_people_and_routes_need()
    {
        var alerts = SloRules.Build(SloObjectives.Default, RuleScope.Fleet).SelectMany(g => g.Rules).OfType<AlertingRule>().ToList();

        Assert.That(alerts.Select(a => a.Alert).Distinct(), Is.EquivalentTo(AlertNames.All));
        Assert.Multiple(() =>
        {
            foreach (var alert in alerts)
            {
                Assert.That(Value(alert.Labels, "severity"), Is.EqualTo("page").Or.EqualTo("ticket"), alert.Alert);
                Assert.That(Value(alert.Annotations, "runbook_url"), Is.EqualTo($"https://certoperator.io/runbooks/{alert.Alert}"));
                Assert.That(Value(alert.Annotations, "summary"), Is.Not.Null.And.Not.Empty);
                Assert.That(Value(alert.Annotations, "description"), Does.EndWith("."));
            }
        });
    }

    [Test]
    public void What_concerns_the_operator_is_only_said_for_the_fleet()
    {
        var alerts = SloRules.Build(SloObjectives.Default, RuleScope.Of("shop")).SelectMany(g => g.Rules).OfType<AlertingRule>().Select(a => a.Alert);

        Assert.That(AlertNames.All.Except(alerts), Is.EquivalentTo(new[] { AlertNames.IssuerOutage, AlertNames.IncidentDeliveryFailing, AlertNames.InventoryBlind, AlertNames.RenewalEngineStalled }));
    }

    [Test]
    public void Pages_whose_cause_the_operator_tells_PagerDuty_itself_say_so()
    {
        var marked = SloRules.Build(SloObjectives.Default, RuleScope.Of("shop"), operatorPages: true).SelectMany(g => g.Rules).OfType<AlertingRule>()
            .Where(a => Value(a.Labels, "paged_by") == "operator");

        Assert.That(marked.Select(a => (a.Alert, Value(a.Labels, "severity"))), Is.EquivalentTo(new[] { (AlertNames.ExpiringSoon, "page"), (AlertNames.RenewalFastBurn, "page") }));
    }

    [Test]
    public void Settings_change_what_they_name_and_nothing_else()
    {
        var objectives = SloObjectives.From(new SloSettings { Served = "94.5", OverduePercentage = 60, CriticalDays = 3, RunbookUrl = "https://wiki.example.com/{alert}.html" });

        Assert.Multiple(() =>
        {
            Assert.That(objectives, Is.EqualTo(SloObjectives.Default with { Served = 0.945m, OverdueBelow = 0.6m, CriticalDays = 3, RunbookUrl = "https://wiki.example.com/{alert}.html" }));
            Assert.That(objectives.RunbookOf("RenewalFailures"), Is.EqualTo("https://wiki.example.com/RenewalFailures.html"));
            Assert.That(SloObjectives.From(new SloSettings()), Is.EqualTo(SloObjectives.Default));
        });
    }

    private static string? Value(IReadOnlyList<KeyValuePair<string, string>> pairs, string key) => pairs.FirstOrDefault(p => p.Key == key).Value;

    private static string Text(RuleScope scope)
    {
        var text = new StringWriter();
        RulesYaml.Write(SloRules.Build(SloObjectives.Default, scope), text);
        return text.ToString();
    }
}
