namespace CertOperator.Kubernetes;

/// <summary>
/// The operations on one kind. Every refusal is a <see cref="KubernetesException"/> of the type that fits, and a
/// failure of the network a <see cref="KubernetesTransportException"/>. An answer 429 with Retry-After is waited for
/// and repeated (at most three times and ten seconds together); nothing else is repeated.
/// </summary>
public interface IResourceClient<T>
    where T : class, IKubernetesObject
{
    ResourceDefinition<T> Definition { get; }

    /// <exception cref="NotFoundException">There is no such object.</exception>
    Task<T> GetAsync(NamespacedName name, CancellationToken cancellationToken);

    /// <summary>As <see cref="GetAsync"/>, but null when there is no such object.</summary>
    /// <exception cref="NotFoundException">The server does not know the kind.</exception>
    Task<T?> FindAsync(NamespacedName name, CancellationToken cancellationToken);

    /// <summary>One page; without a limit, all.</summary>
    /// <exception cref="GoneException">The continue token has expired.</exception>
    Task<KubernetesList<T>> ListPageAsync(ListOptions options, CancellationToken cancellationToken);

    /// <summary>
    /// All objects, page by page (500 unless a limit says otherwise). When a page's token expires on the way, the rest
    /// is read at a newer version, or all of it again where the server offers no such token: then objects come twice.
    /// </summary>
    IAsyncEnumerable<T> ListAsync(ListOptions options, CancellationToken cancellationToken);

    /// <exception cref="AlreadyExistsException">The name is taken.</exception>
    Task<T> CreateAsync(T obj, CancellationToken cancellationToken);

    /// <exception cref="ConflictException">The object's resourceVersion is not the current one.</exception>
    Task<T> UpdateAsync(T obj, CancellationToken cancellationToken);

    /// <summary>Writes the status alone.</summary>
    /// <exception cref="ConflictException">The object's resourceVersion is not the current one.</exception>
    Task<T> UpdateStatusAsync(T obj, CancellationToken cancellationToken);

    /// <summary>Server-side apply of the object as it is given.</summary>
    /// <exception cref="ConflictException">Without force: another manager owns one of the fields; the causes name them.</exception>
    Task<T> ApplyAsync(T obj, string fieldManager, bool force, CancellationToken cancellationToken);

    /// <param name="name">The object.</param>
    /// <param name="patch">What to change.</param>
    /// <param name="subresource">Such as "status"; null for the object itself.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    Task<T> PatchAsync(NamespacedName name, Patch patch, string? subresource, CancellationToken cancellationToken);

    /// <exception cref="NotFoundException">There is no such object.</exception>
    /// <exception cref="ConflictException">A precondition does not hold.</exception>
    Task DeleteAsync(NamespacedName name, DeleteOptions? options, CancellationToken cancellationToken);

    /// <summary>One watch request. Ends when the server ends it, which it does regularly.</summary>
    /// <exception cref="GoneException">The version is too old: list again.</exception>
    /// <exception cref="KubernetesTransportException">The connection broke, or nothing more came from the server.</exception>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync(WatchOptions options, CancellationToken cancellationToken);
}
