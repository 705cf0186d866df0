using System.Diagnostics.CodeAnalysis;

namespace CertOperator.Kubernetes;

/// <summary>One change that a watch shows: <see cref="Added"/>, <see cref="Modified"/>, <see cref="Deleted"/> or <see cref="Bookmark"/>.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The API calls the field object.")]
public abstract record WatchEvent<T>
    where T : class, IKubernetesObject
{
    private WatchEvent()
    {
    }

    public sealed record Added(T Object) : WatchEvent<T>;

    public sealed record Modified(T Object) : WatchEvent<T>;

    /// <param name="Object">The object in its last state, with the version of the deletion.</param>
    public sealed record Deleted(T Object) : WatchEvent<T>;

    /// <summary>All changes up to a version have been sent.</summary>
    /// <param name="ResourceVersion">The version to resume at.</param>
    public sealed record Bookmark(string ResourceVersion) : WatchEvent<T>;
}
