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
            CheckDepth(text, path);
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
    }

    // The tree is built by recursion: a file of nothing but brackets would overflow the stack.
    private static void CheckDepth(string text, string path)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current switch
            {
                MappingStart or SequenceStart => 1,
                MappingEnd or SequenceEnd => -1,
                _ => 0,
            };
            if (depth > MaxDepth)
            {
                throw new KubernetesConfigurationException($"{path}: is nested deeper than {MaxDepth} levels");
            }
        }
    }
}
