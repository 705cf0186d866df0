using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CertOperator.Kubernetes;

/// <inheritdoc cref="IResourceClient{T}"/>
internal sealed class ResourceClient<T>(ApiConnection connection, ResourceDefinition<T> definition) : IResourceClient<T>
    where T : class, IKubernetesObject
{
    private const int PageSize = 500;
    private const int MaxListRestarts = 3;

    private readonly ResourcePath _path = new(definition.Group, definition.Version, definition.Plural, definition.Namespaced);
    private readonly ResourceAnswers<T> _answers = new(definition);

    public ResourceDefinition<T> Definition => definition;

    public Task<T> GetAsync(NamespacedName name, CancellationToken cancellationToken) =>
        CallAsync(Request(HttpMethod.Get, "get", name), cancellationToken);

    public async Task<T?> FindAsync(NamespacedName name, CancellationToken cancellationToken)
    {
        if (name.Name is "." or "..")
        {
            // No object can have such a name, and whoever wrote it is to read that there is none.
            return null;
        }

        try
        {
            return await GetAsync(name, cancellationToken);
        }
        catch (NotFoundException e) when (e.Status is not null)
        {
            // Without a Status it is the path that is unknown: the kind is not installed, which is no answer to the question.
            return null;
        }
    }

    public Task<KubernetesList<T>> ListPageAsync(ListOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);

        // A continue token holds its version; the server refuses to be told one besides.
        var isContinued = !string.IsNullOrEmpty(options.Continue);
        var query = new QueryString()
            .Add("labelSelector", options.LabelSelector)
            .Add("fieldSelector", options.FieldSelector)
            .Add("limit", options.Limit)
            .Add("continue", options.Continue)
            .Add("resourceVersion", isContinued ? null : options.ResourceVersion)
            .Add("resourceVersionMatch", isContinued ? null : options.ResourceVersionMatch);
        var request = new ApiRequest
        {
            Method = HttpMethod.Get,
            Verb = "list",
            Resource = definition.Plural,
            Path = _path.Collection(options.Namespace) + query,
            Accept = Accept($"{PartialObjectMetadata.KindName}List"),
            Subject = options.Namespace ?? "",
            MaxAnswer = ApiLimits.List,
        };
        return connection.CallAsync(request, _answers, static (stream, answers, ct) => answers.ReadListAsync(stream, ct), cancellationToken);
    }

    public async IAsyncEnumerable<T> ListAsync(ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var next = options with { Limit = options.Limit ?? PageSize };
        var restarts = 0;
        do
        {
            KubernetesList<T> page;
            try
            {
                page = await ListPageAsync(next, cancellationToken);
            }
            catch (GoneException e) when (!string.IsNullOrEmpty(next.Continue) && restarts < MaxListRestarts)
            {
                restarts++;
                next = next with { Continue = e.Status?.Metadata?.Continue };
                continue;
            }

            foreach (var item in page.Items)
            {
                yield return item;
            }

            if (string.IsNullOrEmpty(page.Metadata.Continue))
            {
                yield break;
            }

            next = next with { Continue = page.Metadata.Continue };
        }
        while (true);
    }

    public Task<T> CreateAsync(T obj, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (definition.Subresource is { } subresource)
        {
            return CallAsync(Request(HttpMethod.Post, "create", NamespacedName.Of(obj), subresource, body: Body(obj)), cancellationToken);
        }

        var request = new ApiRequest
        {
            Method = HttpMethod.Post,
            Verb = "create",
            Resource = definition.Plural,
            Path = _path.CollectionOf(obj.Metadata),
            Subject = NamespacedName.Of(obj).ToString(),
            Body = Body(obj),
        };
        return CallAsync(request, cancellationToken);
    }

    public Task<T> UpdateAsync(T obj, CancellationToken cancellationToken) =>
        CallAsync(Request(HttpMethod.Put, "update", NamespacedName.Of(obj), body: Body(obj)), cancellationToken);

    public Task<T> UpdateStatusAsync(T obj, CancellationToken cancellationToken) =>
        CallAsync(Request(HttpMethod.Put, "update", NamespacedName.Of(obj), "status", body: Body(obj)), cancellationToken);

    public Task<T> ApplyAsync(T obj, string fieldManager, bool force, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(fieldManager);
        var query = new QueryString().Add("fieldManager", fieldManager).Add("force", force ? "true" : null);

        // JSON is YAML, and the one content type that every version of the server takes for apply.
        return CallAsync(
            Request(HttpMethod.Patch, "patch", NamespacedName.Of(obj), null, query, Body(obj), "application/apply-patch+yaml"),
            cancellationToken);
    }

    public Task<T> PatchAsync(NamespacedName name, Patch patch, string? subresource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        return CallAsync(
            Request(HttpMethod.Patch, "patch", name, subresource, body: patch.Bytes, contentType: patch.ContentType), cancellationToken);
    }

    public Task DeleteAsync(NamespacedName name, DeleteOptions? options, CancellationToken cancellationToken)
    {
        var body = options is null ? null : JsonSerializer.SerializeToUtf8Bytes(options, KubernetesJsonContext.Default.DeleteOptions);
        var request = Request(HttpMethod.Delete, "delete", name, body: body);

        // The answer is the object or a Status, depending on the kind; read to its end it leaves the connection usable.
        return connection.CallAsync(request, 0, static async (stream, _, ct) =>
        {
            await stream.CopyToAsync(Stream.Null, ct);
            return true;
        }, cancellationToken);
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var query = new QueryString()
            .Add("watch", "true")
            .Add("labelSelector", options.LabelSelector)
            .Add("fieldSelector", options.FieldSelector)
            .Add("resourceVersion", options.ResourceVersion)
            .Add("allowWatchBookmarks", options.AllowBookmarks ? "true" : null)
            .Add("timeoutSeconds", options.TimeoutSeconds);
        var request = new ApiRequest
        {
            Method = HttpMethod.Get,
            Verb = "watch",
            IsWatch = true,
            Resource = definition.Plural,
            Path = _path.Collection(options.Namespace) + query,
            Accept = Accept(PartialObjectMetadata.KindName),
            Subject = options.Namespace ?? "",
        };
        await using var watch = await WatchConnection<T>.OpenAsync(connection, request, _answers, options.TimeoutSeconds, cancellationToken);
        while (await watch.NextAsync(cancellationToken) is { } change)
        {
            yield return change;
        }
    }

    private Task<T> CallAsync(ApiRequest request, CancellationToken cancellationToken) =>
        connection.CallAsync(request, _answers, static (stream, answers, ct) => answers.ReadAsync(stream, ct), cancellationToken);

    private byte[] Body(T obj) => JsonSerializer.SerializeToUtf8Bytes(obj, definition.TypeInfo);

    /// <summary>No second choice: a server that cannot leave the rest out refuses with 406 and sends none of it.</summary>
    private string Accept(string metadataKind) => definition.IsMetadata ? $"application/json;as={metadataKind};g=meta.k8s.io;v=v1" : "application/json";

    private ApiRequest Request(
        HttpMethod method,
        string verb,
        NamespacedName name,
        string? subresource = null,
        QueryString? query = null,
        byte[]? body = null,
        string contentType = "application/json") => new()
        {
            Method = method,
            Verb = verb,
            Resource = subresource is null ? definition.Plural : $"{definition.Plural}/{subresource}",
            Path = _path.Object(name, subresource) + query,
            Accept = Accept(PartialObjectMetadata.KindName),
            Subject = name.ToString(),
            Body = body,
            ContentType = contentType,
        };
}
