using System.Text.RegularExpressions;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

public sealed partial class RunbookTests
{
    private static readonly string[] Headings =
        ["Trigger", "What users feel", "First moves", "Decision tree", "Recovery when it has expired", "Escalation", "After the rotation", "Prevention"];

    [Test]
    public void Every_alert_has_a_runbook_and_every_runbook_an_alert()
        => Assert.That(RunbookPage.Runbooks().Select(r => Path.GetFileNameWithoutExtension(r.Path)), Is.EquivalentTo(AlertNames.All));

    [TestCaseSource(typeof(AlertNames), nameof(AlertNames.All))]
    public void A_runbook_says_what_it_has_to(string alert)
    {
        var page = RunbookPage.Read($"docs/runbooks/{alert}.md");
        var severity = SloRules.Build(SloObjectives.Default, RuleScope.Fleet).SelectMany(g => g.Rules).OfType<AlertingRule>()
            .Where(a => a.Alert == alert).SelectMany(a => a.Labels).Where(l => l.Key == "severity").Select(l => l.Value).Distinct().Single();

        Assert.Multiple(() =>
        {
            Assert.That(page.Text, Does.StartWith($"# {alert}\n\nSeverity: {severity}\n"));
            Assert.That(Heading().Matches(page.Text).Select(m => m.Groups[1].Value), Is.EqualTo(Headings));
            Assert.That(page.Blocks.Where(b => b.Mark.Length == 0), Is.Not.Empty, "commands that work");
        });
    }

    [TestCaseSource(nameof(Pages))]
    public void A_page_leads_nowhere_in_vain_and_says_why_commands_are_not_run(string path)
    {
        var page = RunbookPage.Read(path);

        Assert.Multiple(() =>
        {
            Assert.That(page.Blocks.Where(b => b.Mark.Length > 0).Select(b => b.Mark), Has.All.Match("^norun: .+"));
            foreach (Match link in Link().Matches(page.Text))
            {
                var target = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, link.Groups[1].Value));
                Assert.That(Path.Exists(target), link.Value);
                if (link.Groups[2].Value is { Length: > 1 } anchor && File.Exists(target))
                {
                    Assert.That(File.ReadLines(target).Where(l => l.StartsWith('#')).Select(Anchor), Has.Member(anchor[1..]), link.Value);
                }
            }
        });
    }

    public static IEnumerable<string> Pages()
        => RunbookPage.Runbooks().Select(r => r.Path).Concat(["docs/renewal-failures.md", "docs/expired-certificates.md", "docs/alerting.md"]);

    /// <summary>As GitHub makes them.</summary>
    private static string Anchor(string heading)
        => string.Concat(heading.TrimStart('#', ' ').ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex("(?m)^## (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)#:]+)(#[^)]+)?\)")]
    private static partial Regex Link();
}
