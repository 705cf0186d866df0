using System.Runtime.CompilerServices;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>Lets a test cut one client off from the API server while others still reach it.</summary>
internal sealed class GatedResource<T>(IResourceClient<T> inner) : IResourceClient<T>, IAsyncDisposable
    where T : class, IKubernetesObject
{
    private CancellationTokenSource _closed = new();

    public ResourceDefinition<T> Definition => inner.Definition;

    /// <summary>How often the server said that a version is gone.</summary>
    public int Gone { get; private set; }

    public void Close() => _closed.Cancel();

    public void Open() => _closed = new CancellationTokenSource();

    public ValueTask DisposeAsync()
    {
        _closed.Dispose();
        return ValueTask.CompletedTask;
    }

    public Task<T> GetAsync(NamespacedName name, CancellationToken cancellationToken) => ThroughAsync(ct => inner.GetAsync(name, ct), cancellationToken);

    public Task<T?> FindAsync(NamespacedName name, CancellationToken cancellationToken) => ThroughAsync(ct => inner.FindAsync(name, ct), cancellationToken);

    public Task<KubernetesList<T>> ListPageAsync(ListOptions options, CancellationToken cancellationToken) => ThroughAsync(ct => inner.ListPageAsync(options, ct), cancellationToken);

    public IAsyncEnumerable<T> ListAsync(ListOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<T> CreateAsync(T obj, CancellationToken cancellationToken) => ThroughAsync(ct => inner.CreateAsync(obj, ct), cancellationToken);

    public Task<T> UpdateAsync(T obj, CancellationToken cancellationToken) => ThroughAsync(ct => inner.UpdateAsync(obj, ct), cancellationToken);

    public Task<T> UpdateStatusAsync(T obj, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<T> ApplyAsync(T obj, string fieldManager, bool force, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<T> PatchAsync(NamespacedName name, Patch patch, string? subresource, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteAsync(NamespacedName name, DeleteOptions? options, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CancellationToken closed = _closed.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closed, cancellationToken);
        await using IAsyncEnumerator<WatchEvent<T>> changes = inner.WatchAsync(options, either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            try
            {
                if (!await changes.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (GoneException)
            {
                Gone++;
                throw;
            }
            catch (Exception e) when (closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new KubernetesTransportException("cut off", e);
            }

            yield return changes.Current;
        }
    }

    private async Task<TResult> ThroughAsync<TResult>(Func<CancellationToken, Task<TResult>> call, CancellationToken cancellationToken)
    {
        CancellationToken closed = _closed.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closed, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (Exception e) when (closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesTransportException("cut off", e);
        }
    }
}
