using CertOperator.Kubernetes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CertOperator.Operator.Options;

/// <summary>The file that --config names: a flat mapping, as YAML or as JSON, which is YAML too.</summary>
internal sealed record OptionsFile(string Path, IReadOnlyDictionary<string, string> Values)
{
    private const int MaxBytes = 1 << 20;

    public static OptionsFile None { get; } = new("", new Dictionary<string, string>());

    /// <summary>How an error names a key of this file.</summary>
    public string Source(string key) => $"{Path}: {key}";

    /// <summary>Reads the file; what is wrong with it goes to <paramref name="errors"/>.</summary>
    public static OptionsFile Read(string source, string path, List<string> errors)
    {
        try
        {
            if (CappedFile.ReadText(path, MaxBytes) is { } text)
            {
                return Parse(path, text, errors);
            }

            errors.Add($"{source}: {path} is larger than 1 MiB; give a file with options.");
            return None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            errors.Add($"{source}: {path} cannot be read ({e.Message}); give a JSON or YAML file.");
            return None;
        }
    }

    private static OptionsFile Parse(string path, string text, List<string> errors)
    {
        var yaml = new YamlStream();
        try
        {
            if (YamlShape.Defect(new StringReader(text)) is { } defect)
            {
                errors.Add($"{path}: {defect}; give a flat mapping of option names to values.");
                return None;
            }

            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            errors.Add($"{path}: line {e.Start.Line} is neither JSON nor YAML: {e.Message}");
            return None;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            // What the parser throws for some broken scalars instead of an exception of its own.
            errors.Add($"{path}: is neither JSON nor YAML: {e.Message}");
            return None;
        }

        if (yaml.Documents.Count == 0)
        {
            return None;
        }

        if (yaml.Documents is not [{ RootNode: YamlMappingNode map }])
        {
            errors.Add($"{path}: is not one mapping of option names to values.");
            return None;
        }

        var known = OptionTable.All.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (keyNode, valueNode) in map.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? keyNode.ToString();
            if (!known.Contains(key))
            {
                errors.Add($"{path}: {key} is not an option; `certoperator run --help` lists them.");
            }
            else if (Value(valueNode) is { } value)
            {
                values[key] = value;
            }
            else
            {
                errors.Add($"{path}: {key} is not a value or a list of values.");
            }
        }

        return new OptionsFile(path, values);
    }

    private static string? Value(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value ?? "",
        YamlSequenceNode list when list.Children.All(c => c is YamlScalarNode) =>
            string.Join(',', list.Children.Select(c => ((YamlScalarNode)c).Value)),
        _ => null,
    };
}
