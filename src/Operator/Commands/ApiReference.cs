using CertOperator.Kubernetes.Schema;

namespace CertOperator.Operator.Commands;

/// <summary>docs/reference/api.md, made from the schemas of the CustomResourceDefinitions.</summary>
internal static class ApiReference
{
    public static void Write(TextWriter writer, IReadOnlyList<Type> entityTypes)
    {
        writer.Write(
            """
            <!-- Generated from code by make generate; do not edit. -->
            # API

            What `kubectl explain` says, on one page. Fields in bold are required. `[]` is a list, `{}` a map from names to values.


            """);
        foreach (var definition in CrdGenerator.GenerateAll(entityTypes))
        {
            var names = definition.Spec.Names;
            var version = definition.Spec.Versions[0];
            var schema = version.Schema.OpenAPIV3Schema;
            writer.Write($"## {names.Kind}\n\n`{definition.Spec.Group}/{version.Name}`, `kubectl get {string.Join("`, `kubectl get ", [names.Plural, .. names.ShortNames ?? []])}`. {OneLine(schema.Description)}\n\n");
            foreach (var part in (string[])["spec", "status"])
            {
                if (schema.Properties!.TryGetValue(part, out var fields) && fields.Properties is { Count: > 0 })
                {
                    writer.Write($"| {part} | type | |\n| --- | --- | --- |\n");
                    WriteFields(writer, fields, part);
                    writer.Write('\n');
                }
            }
        }
    }

    private static void WriteFields(TextWriter writer, JsonSchema of, string path)
    {
        foreach (var (name, field) in of.Properties ?? [])
        {
            var full = $"{path}.{name}";
            var required = of.Required?.Contains(name) == true ? "**" : "";
            writer.Write($"| {required}`{full}`{required} | {TypeOf(field)} | {OneLine(field.Description)}{Limits(field)} |\n");
            var (inner, mark) = Inner(field);
            WriteFields(writer, inner, full + mark);
        }
    }

    private static (JsonSchema Schema, string Mark) Inner(JsonSchema field)
        => field.Items is { } item ? (item, "[]") : field.AdditionalProperties is { } value ? (value, "{}") : (field, "");

    private static string TypeOf(JsonSchema field)
        => field.IntOrString == true ? "integer or string"
            : field.Items is { } item ? $"{TypeOf(item)}[]"
            : field.AdditionalProperties is { } value ? $"{TypeOf(value)}{{}}"
            : field.Format is { } format && field.Type == "string" ? format
            : field.Type ?? "any";

    private static string Limits(JsonSchema field)
    {
        List<string> limits = [];
        var values = field.Enum ?? field.Items?.Enum;
        if (values is not null)
        {
            limits.Add($"One of {string.Join(", ", values.Select(v => $"`{v}`"))}.");
        }

        Range(limits, field.Minimum, field.Maximum, "");
        Range(limits, field.MinLength, field.MaxLength, " characters");
        Range(limits, field.MinItems, field.MaxItems, " entries");
        return limits is [] ? "" : " " + string.Join(' ', limits);
    }

    private static void Range(List<string> limits, long? least, long? most, string what)
    {
        if (least is not null || most is not null)
        {
            limits.Add(FormattableString.Invariant($"{(least is null ? $"At most {most}" : most is null ? $"At least {least}" : least == most ? $"{least}" : $"{least} to {most}")}{what}."));
        }
    }

    // A table's cell is one line, and a bar ends it.
    private static string OneLine(string? text) => (text ?? "").ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
