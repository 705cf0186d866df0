using System.Text.Json;

namespace CertOperator.Kubernetes.Schema;

/// <summary>Writes definitions as the YAML files that are checked in and shipped.</summary>
public static class CrdYaml
{
    private const string Header = "# Generated from code by make generate; do not edit.";

    /// <summary>Writes one YAML document; the same definition always gives the same bytes.</summary>
    public static void Write(CustomResourceDefinition definition, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Header + "\n---\n");
        var tree = JsonSerializer.SerializeToNode(definition, SchemaJsonContext.Default.CustomResourceDefinition)!;
        new YamlEmitter(writer).Write(tree);
    }

    /// <summary>The file name for a definition: the plural and the group.</summary>
    public static string FileName(CustomResourceDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return definition.Metadata.Name + ".yaml";
    }
}
