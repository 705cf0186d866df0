using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>One client of a <see cref="FakeApi{T}"/>; a test can let its requests hang or fail, before or after they take effect.</summary>
internal sealed class FakeResource<T>(FakeApi<T> api, TimeProvider timeProvider) : IResourceClient<T>
    where T : class, IKubernetesObject
{
    private readonly ConcurrentQueue<FakeCall> _calls = new();

    public ResourceDefinition<T> Definition => api.Definition;

    public IReadOnlyList<FakeCall> Calls => [.. _calls];

    public DateTimeOffset? LastCallAt => _calls.LastOrDefault()?.At;

    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public Func<string, CancellationToken, Task> After { get; set; } = (_, _) => Task.CompletedTask;

    public IReadOnlyList<FakeCall> CallsOf(string verb) => [.. _calls.Where(c => c.Verb == verb)];

    public async Task<T> GetAsync(NamespacedName name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken) ?? throw new NotFoundException($"{name} does not exist");

    public Task<T?> FindAsync(NamespacedName name, CancellationToken cancellationToken) =>
        CallAsync("get", name.ToString(), () => api.Find(name), cancellationToken);

    public Task<KubernetesList<T>> ListPageAsync(ListOptions options, CancellationToken cancellationToken) =>
        CallAsync("list", options.Namespace ?? "", () => api.List(options), cancellationToken, options.ResourceVersion, options.Continue);

    public IAsyncEnumerable<T> ListAsync(ListOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<T> CreateAsync(T obj, CancellationToken cancellationToken) =>
        CallAsync("create", NamespacedName.Of(obj).ToString(), () => api.Create(obj), cancellationToken);

    public Task<T> UpdateAsync(T obj, CancellationToken cancellationToken) =>
        CallAsync("update", NamespacedName.Of(obj).ToString(), () => api.Update(obj), cancellationToken);

    public Task<T> UpdateStatusAsync(T obj, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<T> ApplyAsync(T obj, string fieldManager, bool force, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<T> PatchAsync(NamespacedName name, Patch patch, string? subresource, CancellationToken cancellationToken) =>
        CallAsync("patch", name.ToString(), () => api.Patch(name, patch), cancellationToken);

    public Task DeleteAsync(NamespacedName name, DeleteOptions? options, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _calls.Enqueue(new FakeCall("watch", options.Namespace ?? "", options.ResourceVersion, null, timeProvider.GetUtcNow()));
        await Before("watch", cancellationToken);
        await foreach (WatchEvent<T> change in api.WatchAsync(options, cancellationToken))
        {
            yield return change;
        }
    }

    private async Task<TResult> CallAsync<TResult>(
        string verb, string target, Func<TResult> call, CancellationToken cancellationToken, string? version = null, string? token = null)
    {
        _calls.Enqueue(new FakeCall(verb, target, version, token, timeProvider.GetUtcNow()));
        await Before(verb, cancellationToken);
        TResult result = call();
        await After(verb, cancellationToken);
        return result;
    }
}
