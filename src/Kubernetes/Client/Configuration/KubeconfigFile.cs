using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace CertOperator.Kubernetes;

/// <summary>Reads one kubeconfig file into a tree.</summary>
internal static class KubeconfigFile
{
    private const int MaxDepth = 32;

    public static KubeconfigNode Read(string path)
    {
        var text = Encoding.UTF8.GetString(CredentialMaterial.FromFile(path, "kubeconfig").Read());
        try
        {
            CheckShape(text, path);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents is [{ RootNode: YamlMappingNode root }, ..]
                ? new KubeconfigNode(path, "", root)
                : throw new KubernetesConfigurationException($"{path}: is not a kubeconfig: a mapping is expected at the top");
        }
        catch (YamlException e)
        {
            // The exception's own text may quote the line, and with it a token.
            throw new KubernetesConfigurationException($"{path}: is not YAML, line {e.Start.Line}, column {e.Start.Column}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            // What the parser throws for some broken scalars instead of an exception of its own.
            throw new KubernetesConfigurationException($"{path}: is not YAML");
        }
    }

    // The tree is built by recursion, and keys are hashed by recursion through their aliases: nothing but brackets, or a
    // list that holds itself as a key, would overflow the stack. So both are refused before there is a tree.
    private static void CheckShape(string text, string path)
    {
        var parser = new Parser(new StringReader(text));
        var open = new Stack<(bool IsMapping, int Children)>();
        while (parser.MoveNext())
        {
            if (parser.Current is MappingEnd or SequenceEnd)
            {
                open.Pop();
            }
            else if (parser.Current is NodeEvent or AnchorAlias)
            {
                CountChild(open, parser.Current, path);
                if (parser.Current is MappingStart or SequenceStart)
                {
                    open.Push((parser.Current is MappingStart, 0));
                }
            }

            if (open.Count > MaxDepth)
            {
                throw new KubernetesConfigurationException($"{path}: is nested deeper than {MaxDepth} levels");
            }
        }
    }

    private static void CountChild(Stack<(bool IsMapping, int Children)> open, ParsingEvent child, string path)
    {
        if (!open.TryPop(out var parent))
        {
            return;
        }

        var isKey = parent.IsMapping && parent.Children % 2 == 0;
        if (isKey && child is not Scalar)
        {
            throw new KubernetesConfigurationException($"{path}: line {child.Start.Line} has a key that is not a single value");
        }

        open.Push((parent.IsMapping, parent.Children + 1));
    }
}
