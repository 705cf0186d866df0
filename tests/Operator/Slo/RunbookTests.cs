using System.Text.RegularExpressions;
using CertOperator.Operator.Slo;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

public sealed partial class RunbookTests
{
    private static readonly string[] Headings =
        ["Trigger", "What users feel", "First moves", "Decision tree", "Recovery when it has expired", "Escalation", "After the rotation", "Prevention"];

    private static readonly string[] Causes = [@"(?i)rate limit", @"\bDNS\b", @"(?i)port 80", @"(?i)credentials", @"\bKMS\b", @"(?i)storage", @"\bCA\b", @"(?i)stuck run"];

    [Test]
    public void Every_alert_has_a_runbook_and_every_runbook_an_alert()
        => Assert.That(RunbookPage.Runbooks().Select(r => Path.GetFileNameWithoutExtension(r.Path)), Is.EquivalentTo(AlertNames.All));

    [TestCaseSource(typeof(AlertNames), nameof(AlertNames.All))]
    public void A_runbook_says_what_it_has_to(string alert)
    {
        var page = RunbookPage.Read($"docs/runbooks/{alert}.md");
        var severity = SloRules.Build(SloObjectives.Default, RuleScope.Fleet).SelectMany(g => g.Rules).OfType<AlertingRule>()
            .Where(a => a.Alert == alert).SelectMany(a => a.Labels).Where(l => l.Key == "severity").Select(l => l.Value).Distinct().ToList();

        Assert.Multiple(() =>
        {
            // Where there are two it says for what each is.
            Assert.That(page.Text, Does.Match($"^# {alert}\n\nSeverity: {string.Join(" for .+, ", severity)}{(severity.Count > 1 ? " for .+" : "")}\n"));
            Assert.That(Heading().Matches(page.Text).Select(m => m.Groups[1].Value), Is.EqualTo(Headings));
            Assert.That(page.Blocks.Where(b => b.Mark.Length == 0), Is.Not.Empty, "commands that work");
        });
    }

    [TestCaseSource(typeof(AlertNames), nameof(AlertNames.All))]
    public void A_decision_tree_speaks_of_each_cause_that_a_renewal_can_fail_of_or_leads_to_where_they_are(string alert)
    {
        var text = RunbookPage.Read($"docs/runbooks/{alert}.md").Text;
        var tree = text[text.IndexOf("## Decision tree", StringComparison.Ordinal)..text.IndexOf("## Recovery", StringComparison.Ordinal)];
        var rows = tree.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).ToList();
        var missing = Causes.Where(c => !rows.Any(r => Regex.IsMatch(r, c))).ToList();

        Assert.That(rows, Has.Count.GreaterThan(3), "a table");
        if (missing.Count > 0)
        {
            var sentence = tree[(tree.LastIndexOf("|\n", StringComparison.Ordinal) + 1)..];
            Assert.That(sentence, Does.Contain("](../renewal-failures.md)"), $"no row about {string.Join(", ", missing)}");
            Assert.That(missing.Where(c => !Regex.IsMatch(sentence, c)), Is.Empty, "it says of these that they are no cause of this alert");
        }
    }

    [Test]
    public void No_command_relies_on_names_that_an_installation_may_change()
        => Assert.That(RunbookPage.Runbooks().SelectMany(r => r.Blocks).Select(b => b.Commands), Has.None.Match(@"(lease|deployment)s? certoperator|/certoperator\b"));

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
        => RunbookPage.Runbooks().Select(r => r.Path).Concat(["docs/renewal-failures.md", "docs/expired-certificates.md", "docs/alerting.md", "docs/operations.md"]);

    /// <summary>As GitHub makes them.</summary>
    private static string Anchor(string heading)
        => string.Concat(heading.TrimStart('#', ' ').ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex("(?m)^## (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)#:]+)(#[^)]+)?\)")]
    private static partial Regex Link();
}
