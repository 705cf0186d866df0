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
            Directory.CreateDirectory(directory);
            Write(host, Path.Combine(directory, "options.md"), OptionsReference.Write);
            Write(host, Path.Combine(directory, "metrics.md"), MetricsReference.Write);
            Write(host, Path.Combine(directory, "events.md"), EventsReference.Write);
            Write(host, Path.Combine(directory, "api.md"), writer => ApiReference.Write(writer, host.EntityTypes));
            return ExitCodes.Ended;
        });
        return command;
    }

    private static void Write(CommandLineHost host, string path, Action<TextWriter> page)
    {
        using var file = new StreamWriter(path);
        page(file);
        host.Output.WriteLine(path);
    }
}
