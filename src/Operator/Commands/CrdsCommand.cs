using System.CommandLine;
using CertOperator.Kubernetes;
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
        var docs = XmlDocumentation.ForAssemblies(host.EntityTypes.Select(t => t.Assembly).Append(typeof(Condition).Assembly));
        var definitions = host.EntityTypes
            .Select(t => CrdGenerator.Generate(t, docs))
            .OrderBy(d => d.Metadata.Name, StringComparer.Ordinal);
        foreach (var definition in definitions)
        {
            if (directory is null)
            {
                CrdYaml.Write(definition, host.Output);
                continue;
            }

            Directory.CreateDirectory(directory);
            var path = Path.Combine(directory, CrdYaml.FileName(definition));
            using var file = new StreamWriter(path);
            CrdYaml.Write(definition, file);
            host.Output.WriteLine(path);
        }
    }
}
