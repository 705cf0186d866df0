namespace CertOperator.Kubernetes;

/// <summary>Takes in what a <see cref="Reflector{T}"/> reads, in the order in which it happened.</summary>
internal interface IReflectorSink<T>
    where T : class, IKubernetesObject
{
    /// <summary>A complete list: what is not in it does not exist.</summary>
    void Replace(string ns, IReadOnlyList<T> objects, string version);

    void Apply(string ns, WatchEvent<T> change);
}
