using System.CommandLine;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Slo;

namespace CertOperator.Operator.Commands;

/// <summary><c>rules</c>: the rules for Prometheus as YAML, on standard output or in a file.</summary>
internal static class RulesCommand
{
    public const string FileName = "slo.yml";

    public static Command Create(CommandLineHost host)
    {
        var output = new Option<string?>("--output") { HelpName = "DIR", Description = $"Directory to write {FileName} to." };
        var runbooks = new Option<string>("--runbook-url")
        {
            HelpName = "URL",
            Description = $"The page that alerts link to; {SloObjectives.AlertPlaceholder} stands for the alert's name.",
            DefaultValueFactory = _ => SloObjectives.Default.RunbookUrl,
        };
        var command = new Command("rules", "Prints the recording and alerting rules for Prometheus.") { output, runbooks };
        command.SetAction(parsed =>
        {
            var objectives = SloObjectives.Default with { RunbookUrl = parsed.GetRequiredValue(runbooks) };
            Write(host, parsed.GetValue(output), SloRules.Build(objectives, RuleScope.Fleet));
            return ExitCodes.Ended;
        });
        return command;
    }

    private static void Write(CommandLineHost host, string? directory, IReadOnlyList<RuleGroup> rules)
    {
        if (directory is null)
        {
            RulesYaml.Write(rules, host.Output);
            return;
        }

        host.WriteFile(directory, FileName, file => RulesYaml.Write(rules, file));
    }
}
