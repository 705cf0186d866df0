using System.CommandLine;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Options;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Commands;

/// <summary><c>docs</c>, for <c>make generate</c>: the reference pages that are made from code.</summary>
internal static class DocsCommand
{
    public static Command Create(CommandLineHost host)
    {
        var output = new Option<string>("--output") { HelpName = "DIR", Required = true };
        var command = new Command("docs", "Writes the generated reference pages.") { output };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var directory = parsed.GetRequiredValue(output);
            host.WriteFile(directory, "options.md", OptionsReference.Write);
            host.WriteFile(directory, "metrics.md", MetricsReference.Write);
            host.WriteFile(directory, "events.md", EventsReference.Write);
            host.WriteFile(directory, "api.md", writer => ApiReference.Write(writer, host.EntityTypes));
            return ExitCodes.Ended;
        });
        return command;
    }
}
