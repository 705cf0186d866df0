using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Tests.Fakes;

/// <summary>An API server as far as reading, creating, listing, updating, applying and deleting objects goes, with versions and uids; it notes every request.</summary>
internal sealed class InMemoryCluster : IKubernetesClient
{
    private readonly ConcurrentDictionary<Type, object> _resources = new();

    /// <summary>By resource, as JSON: one object may be read as several types.</summary>
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<NamespacedName, string>> _stored = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Such as "update secrets shop/www".</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Called before a request is carried out, such as to refuse it.</summary>
    public Action<string>? Before { get; set; }

    public IEnumerable<string> Writes => Requests.Where(r => !r.StartsWith("get ", StringComparison.Ordinal) && !r.StartsWith("list ", StringComparison.Ordinal));

    public IResourceClient<T> Resource<T>(ResourceDefinition<T> definition)
        where T : class, IKubernetesObject
        => (IResourceClient<T>)_resources.GetOrAdd(typeof(T), _ => new Objects<T>(this, definition));

    public Task<string> GetRawAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    private void Note(string request)
    {
        Before?.Invoke(request);
        Requests.Enqueue(request);
    }

    private sealed class Objects<T>(InMemoryCluster cluster, ResourceDefinition<T> definition) : IResourceClient<T>
        where T : class, IKubernetesObject
    {
        private readonly ConcurrentDictionary<NamespacedName, string> _stored = cluster._stored.GetOrAdd($"{definition.Plural}.{definition.Group}", _ => new());

        public ResourceDefinition<T> Definition => definition;

        public async Task<T> GetAsync(NamespacedName name, CancellationToken cancellationToken)
            => await FindAsync(name, cancellationToken) ?? throw new NotFoundException($"{name} is not there");

        public Task<T?> FindAsync(NamespacedName name, CancellationToken cancellationToken)
        {
            cluster.Note($"get {definition.Plural} {name}");
            return Task.FromResult(_stored.TryGetValue(name, out var json) ? Read(json) : null);
        }

        public Task<T> CreateAsync(T obj, CancellationToken cancellationToken)
        {
            var name = NamespacedName.Of(obj);
            cluster.Note($"create {definition.Plural} {name}");
            var written = Copy(obj);
            (written.Metadata.Uid, written.Metadata.ResourceVersion) = ($"uid-{name.Name}-{Interlocked.Increment(ref cluster._version)}", Next());
            return _stored.TryAdd(name, Write(written)) ? Task.FromResult(written) : throw new AlreadyExistsException($"{name} exists");
        }

        public Task<T> UpdateAsync(T obj, CancellationToken cancellationToken)
        {
            var name = NamespacedName.Of(obj);
            cluster.Note($"update {definition.Plural} {name}");
            var json = _stored.TryGetValue(name, out var found) ? found : throw new NotFoundException($"{name} is not there");
            var current = Read(json);
            if (obj.Metadata.ResourceVersion is { } version && version != current.Metadata.ResourceVersion)
            {
                throw new ConflictException($"{name} has changed");
            }

            var written = Copy(obj);
            (written.Metadata.Uid, written.Metadata.ResourceVersion) = (current.Metadata.Uid, Next());
            return _stored.TryUpdate(name, Write(written), json) ? Task.FromResult(written) : throw new ConflictException($"{name} has changed");
        }

        public Task DeleteAsync(NamespacedName name, DeleteOptions? options, CancellationToken cancellationToken)
        {
            cluster.Note($"delete {definition.Plural} {name}");
            return _stored.TryRemove(name, out _) ? Task.CompletedTask : throw new NotFoundException($"{name} is not there");
        }

        public Task<KubernetesList<T>> ListPageAsync(ListOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async IAsyncEnumerable<T> ListAsync(ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            cluster.Note($"list {(definition.IsMetadata ? "metadata of " : "")}{definition.Plural} {options.Namespace}");
            foreach (var obj in _stored.Values.Where(json => HasField(json, options.FieldSelector)).Select(Read).Where(o => Fits(o, options)))
            {
                await Task.Yield();
                yield return obj;
            }
        }

        /// <summary>Takes the status alone.</summary>
        public Task<T> UpdateStatusAsync(T obj, CancellationToken cancellationToken)
        {
            var name = NamespacedName.Of(obj);
            cluster.Note($"update {definition.Plural}/status {name}");
            var json = _stored.TryGetValue(name, out var found) ? found : throw new NotFoundException($"{name} is not there");
            var current = JsonNode.Parse(json)!;
            if (obj.Metadata.ResourceVersion is { } version && version != (string?)current["metadata"]!["resourceVersion"])
            {
                throw new ConflictException($"{name} has changed");
            }

            (current["status"], current["metadata"]!["resourceVersion"]) = (JsonNode.Parse(Write(obj))!["status"]?.DeepClone(), Next());
            return _stored.TryUpdate(name, current.ToJsonString(), json) ? Task.FromResult(Read(_stored[name])) : throw new ConflictException($"{name} has changed");
        }

        /// <summary>As if no other manager had any field.</summary>
        public Task<T> ApplyAsync(T obj, string fieldManager, bool force, CancellationToken cancellationToken)
        {
            var name = NamespacedName.Of(obj);
            cluster.Note($"apply {definition.Plural} {name}");
            var written = Copy(obj);
            (written.Metadata.Uid, written.Metadata.ResourceVersion) = ($"uid-{name.Name}", Next());
            _stored[name] = Write(written);
            return Task.FromResult(written);
        }

        public Task<T> PatchAsync(NamespacedName name, Patch patch, string? subresource, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<WatchEvent<T>> WatchAsync(WatchOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

        private static bool Fits(T obj, ListOptions options)
            => (string.IsNullOrEmpty(options.Namespace) || obj.Metadata.Namespace == options.Namespace)
            && (options.LabelSelector?.Split('=') is not [var label, var value] || obj.Metadata.Labels?.GetValueOrDefault(label) == value);

        /// <summary>For a field at the top, such as "type=kubernetes.io/tls".</summary>
        private static bool HasField(string json, string? selector)
            => selector?.Split('=', 2) is not [var field, var value] || JsonNode.Parse(json)![field]?.GetValue<string>() == value;

        private string Next() => Interlocked.Increment(ref cluster._version).ToString(CultureInfo.InvariantCulture);

        private T Copy(T obj) => Read(Write(obj));

        private string Write(T obj) => JsonSerializer.Serialize(obj, definition.TypeInfo);

        private T Read(string json) => JsonSerializer.Deserialize(json, definition.TypeInfo)!;
    }
}
