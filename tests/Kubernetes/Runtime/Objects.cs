namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>Builds objects for tests.</summary>
internal static class Objects
{
    public static ConfigMap Map(string name, string? version = null, string ns = "ns", string? value = null, Dictionary<string, string>? labels = null) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns, ResourceVersion = version, Labels = labels },
        Data = value is null ? null : new Dictionary<string, string> { ["value"] = value },
    };

    public static NamespacedName Key(string name, string ns = "ns") => new(ns, name);

    public static IEnumerable<string> Values(ConfigMap map) => map.Data?.Values ?? Enumerable.Empty<string>();
}
