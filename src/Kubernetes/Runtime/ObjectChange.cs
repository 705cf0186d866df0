using System.Diagnostics.CodeAnalysis;

namespace CertOperator.Kubernetes;

/// <summary>One change of one object, as an <see cref="Informer{T}"/> saw it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Object">The object after the change; for a deletion its last known state. Shared: do not change it.</param>
/// <param name="Previous">The object as the last change reported it; null for <see cref="ObjectChangeKind.Added"/>. The same as <paramref name="Object"/> for a resync.</param>
/// <param name="Origin">How it came to be known.</param>
[SuppressMessage("Naming", "CA1720", Justification = "The API calls the field object.")]
public readonly record struct ObjectChange<T>(ObjectChangeKind Kind, T Object, T? Previous, ObjectChangeOrigin Origin)
    where T : class, IKubernetesObject
{
    public NamespacedName Key => NamespacedName.Of(Object);

    /// <summary>Low for what is not news: the first list and resyncs.</summary>
    public WorkPriority Priority => Origin == ObjectChangeOrigin.Live ? WorkPriority.Normal : WorkPriority.Low;
}
