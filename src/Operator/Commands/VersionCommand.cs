using System.CommandLine;
using CertOperator.Operator.Hosting;

namespace CertOperator.Operator.Commands;

/// <summary><c>version</c>: one line.</summary>
internal static class VersionCommand
{
    public static Command Create(CommandLineHost host)
    {
        var command = new Command("version", "Prints the version and the commit it was built from.");
        command.SetAction(_ =>
        {
            var build = BuildInformation.Current;
            host.Output.WriteLine($"certoperator {build.Version} (commit {build.Commit})");
            return ExitCodes.Ended;
        });
        return command;
    }
}
