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
        var chart = new Option<bool>("--chart") { Description = "The file of the Helm chart: placeholders in place of what the flags below say, filled by its values." };
        var flags = new RulesFlags();
        var command = new Command("rules", "Prints the recording and alerting rules for Prometheus.") { output, chart };
        foreach (var flag in flags.All)
        {
            command.Options.Add(flag);
        }

        command.SetAction(parsed =>
        {
            Action<TextWriter> write = parsed.GetValue(chart)
                ? file => RulesYaml.Write(ChartRules.Build(), file, ChartRules.Note)
                : file => RulesYaml.Write(SloRules.Build(flags.Read(parsed), RuleScope.Fleet), file);
            if (parsed.GetValue(output) is { } directory)
            {
                host.WriteFile(directory, FileName, write);
            }
            else
            {
                write(host.Output);
            }

            return ExitCodes.Ended;
        });
        return command;
    }
}
