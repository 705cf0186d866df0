using CertOperator.Crds;
using CertOperator.Kubernetes.Schema;
using CertOperator.TestSupport;

namespace CertOperator.EndToEnd.Harness;

/// <summary>The CustomResourceDefinitions as the code has them, not as they were last checked in.</summary>
internal static class Definitions
{
    public static async Task ApplyAsync(ControlPlane controlPlane)
    {
        using var yaml = new StringWriter();
        List<string> names = [];
        foreach (CustomResourceDefinition definition in CrdGenerator.GenerateAll(EntityTypes.All))
        {
            names.Add($"crd/{definition.Metadata.Name}");
            CrdYaml.Write(definition, yaml);
        }

        await controlPlane.KubectlAsync(["apply", "--server-side", "-f", "-"], yaml.ToString());
        await controlPlane.KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", .. names]);
    }
}
