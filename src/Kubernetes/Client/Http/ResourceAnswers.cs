using System.Text.Json;

namespace CertOperator.Kubernetes;

/// <summary>Reads objects of one kind, checks that they are, and lets them share the strings that all of them have.</summary>
internal sealed class ResourceAnswers<T>(ResourceDefinition<T> definition)
    where T : class, IKubernetesObject
{
    private string? _lastNamespace;

    public ResourceDefinition<T> Definition => definition;

    public async ValueTask<T> ReadAsync(Stream stream, CancellationToken cancellationToken) =>
        Adopt(await JsonSerializer.DeserializeAsync(stream, definition.TypeInfo, cancellationToken));

    public T Read(ref Utf8JsonReader reader) => Adopt(JsonSerializer.Deserialize(ref reader, definition.TypeInfo));

    public async ValueTask<KubernetesList<T>> ReadListAsync(Stream stream, CancellationToken cancellationToken)
    {
        var list = await JsonSerializer.DeserializeAsync(stream, definition.ListTypeInfo, cancellationToken)
            ?? throw new JsonException($"a list of {definition.Plural} was expected");
        foreach (var item in list.Items)
        {
            Adopt(item);
        }

        return list;
    }

    // Items of a list come without kind and apiVersion. Ten thousand objects need not hold as many copies of both and of
    // their namespace either: the copies just read are dropped.
    private T Adopt(T? obj)
    {
        if (obj is null || (!definition.IsNameless && string.IsNullOrEmpty(obj.Metadata?.Name)) || (!string.IsNullOrEmpty(obj.Kind) && obj.Kind != definition.Kind))
        {
            throw new JsonException($"a {definition.Kind} was expected");
        }

        obj.Metadata ??= new ObjectMeta();
        obj.Kind = definition.Kind;
        obj.ApiVersion = definition.ApiVersion;
        if (string.Equals(obj.Metadata.Namespace, _lastNamespace, StringComparison.Ordinal))
        {
            obj.Metadata.Namespace = _lastNamespace;
        }
        else
        {
            _lastNamespace = obj.Metadata.Namespace;
        }

        return obj;
    }
}
