using CertOperator.Operator.Commands;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Slo;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Commands;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RulesCommandTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Test]
    public async Task Without_flags_the_rules_are_those_of_the_defaults() =>
        Assert.That((await InvokeAsync(), _output.ToString()), Is.EqualTo((ExitCodes.Ended, Text(SloObjectives.Default))));

    [Test]
    public async Task Each_flag_changes_what_it_names()
    {
        var exit = await InvokeAsync(
            "--freshness", "94", "--served", "99.99", "--renewal", "97.5", "--overdue-percentage", "60", "--expiring-percentage=20", "--warning-days", "45", "--critical-days", "10", "--runbook-url", "https://x/{alert}");
        var expected = new SloObjectives
        {
            Freshness = 0.94m,
            Served = 0.9999m,
            Renewal = 0.975m,
            OverdueBelow = 0.6m,
            ExpiringBelow = 0.2m,
            WarningDays = 45,
            CriticalDays = 10,
            RunbookUrl = "https://x/{alert}",
        };

        Assert.That((exit, _output.ToString()), Is.EqualTo((ExitCodes.Ended, Text(expected))));
    }

    [TestCase("--freshness", "93.9", "from 94 to 99.99")]
    [TestCase("--served", "100", "from 94 to 99.99")]
    [TestCase("--renewal", "all", "from 94 to 99.99")]
    [TestCase("--overdue-percentage", "0", "from 1 to 99")]
    [TestCase("--expiring-percentage", "100", "from 1 to 99")]
    [TestCase("--warning-days", "366", "from 1 to 365")]
    [TestCase("--critical-days", "-1", "from 1 to 365")]
    [TestCase("--runbook-url", "https://x/{{alert}}", "without braces but for {alert}")]
    public async Task What_is_wrong_is_named_with_what_to_do(string flag, string value, string advice)
    {
        Assert.That(await InvokeAsync($"{flag}={value}"), Is.EqualTo(ExitCodes.WrongOptions));
        Assert.That(_error.ToString(), Does.Contain($"{flag}: give").And.Contain(advice));
        Assert.That(_output.ToString(), Is.Empty);
    }

    private Task<int> InvokeAsync(params string[] arguments) => new CertOperatorCommandLine(new CommandLineHost
    {
        Run = (_, _) => throw new NotSupportedException(),
        EntityTypes = [],
        Connect = (_, _) => throw new NotSupportedException(),
        Output = _output,
        Error = _error,
        Environment = new Dictionary<string, string>(),
    }).InvokeAsync(["rules", .. arguments], CancellationToken.None);

    private static string Text(SloObjectives objectives)
    {
        var text = new StringWriter();
        RulesYaml.Write(SloRules.Build(objectives, RuleScope.Fleet), text);
        return text.ToString();
    }
}
