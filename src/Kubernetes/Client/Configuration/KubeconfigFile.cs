using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CertOperator.Kubernetes;

/// <summary>Reads one kubeconfig file into a tree.</summary>
internal static class KubeconfigFile
{
    public static KubeconfigNode Read(string path)
    {
        var text = Encoding.UTF8.GetString(CredentialMaterial.FromFile(path, "kubeconfig").Read());
        try
        {
            if (YamlShape.Defect(new StringReader(text)) is { } defect)
            {
                throw new KubernetesConfigurationException($"{path}: {defect}");
            }

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
}
