using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace CertOperator.Kubernetes;

/// <summary>A mapping of a kubeconfig that knows its file and path, so that every complaint can name them.</summary>
internal sealed class KubeconfigNode(string file, string path, YamlMappingNode mapping)
{
    public string File { get; } = file;

    public string Where(string field) => path.Length == 0 ? $"{File}: {field}" : $"{File}: {path}.{field}";

    public KubernetesConfigurationException Error(string field, string problem) => new($"{Where(field)} {problem}");

    public bool Has(string field) => Find(field) is not null;

    /// <summary>Null when the field is missing, null or empty.</summary>
    public string? Text(string field) => Find(field) switch
    {
        null => null,
        YamlScalarNode { Value: { Length: > 0 } value } => value,
        YamlScalarNode => null,
        _ => throw Error(field, "must be a single value"),
    };

    public string RequiredText(string field) => Text(field) ?? throw Error(field, "is missing or empty");

    public bool Flag(string field) => Text(field) switch
    {
        null => false,
        var text when bool.TryParse(text, out var value) => value,
        _ => throw Error(field, "must be true or false"),
    };

    public KubeconfigNode? Child(string field) => Find(field) switch
    {
        null => null,
        YamlMappingNode child => new KubeconfigNode(File, path.Length == 0 ? field : $"{path}.{field}", child),
        _ => throw Error(field, "must be a mapping"),
    };

    public IEnumerable<KubeconfigNode> Items(string field) => Sequence(field).Select((item, index) => item is YamlMappingNode child
        ? new KubeconfigNode(File, Indexed(field, index), child)
        : throw Error(string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]"), "must be a mapping"));

    public IReadOnlyList<string> Texts(string field) => [.. Sequence(field).Select((item, index) => (item as YamlScalarNode)?.Value
        ?? throw Error(string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]"), "must be a single value"))];

    /// <summary>Base64 in one field or a file named by another; the data wins. Paths are relative to the kubeconfig.</summary>
    public CredentialMaterial? Material(string dataField, string fileField)
    {
        if (Text(dataField) is not { } data)
        {
            return FileMaterial(fileField);
        }

        try
        {
            return CredentialMaterial.FromBytes(Convert.FromBase64String(data), Where(dataField));
        }
        catch (FormatException e)
        {
            throw new KubernetesConfigurationException($"{Where(dataField)} is not base64", e);
        }
    }

    public CredentialMaterial? FileMaterial(string field) =>
        Text(field) is { } name ? CredentialMaterial.FromFile(Resolve(name), Where(field)) : null;

    public string Resolve(string name) => Path.GetFullPath(name, Path.GetDirectoryName(Path.GetFullPath(File))!);

    private string Indexed(string field, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{(path.Length == 0 ? "" : path + ".")}{field}[{index}]");

    private YamlNode? Find(string field) =>
        mapping.Children.TryGetValue(new YamlScalarNode(field), out var node) && !IsNull(node) ? node : null;

    private IEnumerable<YamlNode> Sequence(string field) => Find(field) switch
    {
        null => [],
        YamlSequenceNode sequence => sequence.Children,
        _ => throw Error(field, "must be a list"),
    };

    private static bool IsNull(YamlNode node) => node is YamlScalarNode
    {
        Style: YamlDotNet.Core.ScalarStyle.Plain,
        Value: null or "" or "~" or "null",
    };
}
