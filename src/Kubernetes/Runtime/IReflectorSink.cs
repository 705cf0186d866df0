namespace CertOperator.Kubernetes;

/// <summary>Takes in what a <see cref="Reflector{T}"/> reads, in the order in which it happened.</summary>
internal interface IReflectorSink<T>
    where T : class, IKubernetesObject
{
    /// <summary>What is kept of an object that a list brought; asked page by page, so that the whole list is never in memory untrimmed.</summary>
    T Trim(T obj);

    /// <summary>A complete list: what is not in it does not exist.</summary>
    void Replace(string ns, IReadOnlyList<T> objects, string version);

    void Apply(string ns, WatchEvent<T> change);
}
