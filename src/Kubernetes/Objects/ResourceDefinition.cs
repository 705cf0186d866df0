using System.Text.Json.Serialization.Metadata;

namespace CertOperator.Kubernetes;

/// <summary>
/// A kind as the client needs it: where it lives in the API and how it is read and written. Kinds of other
/// assemblies bring type infos of their own JsonSerializerContext; it must be declared with camelCase names and
/// without nulls, as <see cref="KubernetesJsonContext"/> is, and list both the kind and the <see cref="KubernetesList{T}"/> of it.
/// </summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version, such as "v1".</param>
/// <param name="Kind">The kind, in CamelCase.</param>
/// <param name="Plural">The resource's name in paths, in lower case.</param>
/// <param name="Namespaced">False for cluster scope.</param>
/// <param name="TypeInfo">Reads and writes one object.</param>
/// <param name="ListTypeInfo">Reads a list.</param>
public sealed record ResourceDefinition<T>(
    string Group,
    string Version,
    string Kind,
    string Plural,
    bool Namespaced,
    JsonTypeInfo<T> TypeInfo,
    JsonTypeInfo<KubernetesList<T>> ListTypeInfo)
    where T : class, IKubernetesObject
{
    /// <summary>True for reviews, which are answered and not kept.</summary>
    public bool IsNameless { get; init; }

    /// <summary>True where the server is asked for metadata alone, whatever the kind of the objects.</summary>
    public bool IsMetadata { get; init; }

    /// <summary>For what is created at an object of another kind, such as a token of a service account: the last part of the path. Null otherwise.</summary>
    public string? Subresource { get; init; }

    /// <summary>Group and version as objects carry them.</summary>
    public string ApiVersion { get; } = string.IsNullOrEmpty(Group) ? Version : $"{Group}/{Version}";
}
