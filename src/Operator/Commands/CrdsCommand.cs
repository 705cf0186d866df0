using System.CommandLine;
using CertOperator.Kubernetes.Schema;
using CertOperator.Operator.Hosting;

namespace CertOperator.Operator.Commands;

/// <summary><c>crds</c>: the CustomResourceDefinitions as YAML, on standard output or one file each.</summary>
internal static class CrdsCommand
{
    public static Command Create(CommandLineHost host)
    {
        var output = new Option<string?>("--output") { HelpName = "DIR", Description = "Directory to write one file per definition to." };
        var command = new Command("crds", "Prints the CustomResourceDefinitions.") { output };
        command.SetAction(parsed =>
        {
            Write(host, parsed.GetValue(output));
            return ExitCodes.Ended;
        });
        return command;
    }

    private static void Write(CommandLineHost host, string? directory)
    {
        foreach (var definition in CrdGenerator.GenerateAll(host.EntityTypes))
        {
            if (directory is null)
            {
                CrdYaml.Write(definition, host.Output);
                continue;
            }

            host.WriteFile(directory, CrdYaml.FileName(definition), file => CrdYaml.Write(definition, file));
        }
    }
}
