namespace CertOperator.Kubernetes;

/// <summary>One request, ready to be sent as often as it takes.</summary>
internal sealed class ApiRequest
{
    public required HttpMethod Method { get; init; }

    /// <summary>The API's verb, for messages and metrics.</summary>
    public required string Verb { get; init; }

    /// <summary>Plural, with the subresource.</summary>
    public required string Resource { get; init; }

    /// <summary>Path and query, escaped.</summary>
    public required string Path { get; init; }

    /// <summary>Namespace and name, for messages.</summary>
    public string Subject { get; init; } = "";

    public string Accept { get; init; } = "application/json";

    public byte[]? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Whether the answer goes on for as long as the server likes.</summary>
    public bool IsWatch { get; init; }

    /// <summary>Bytes of the answer that are read at most.</summary>
    public long MaxAnswer { get; init; } = ApiLimits.Object;

    public override string ToString() => Subject.Length == 0 ? $"{Verb} {Resource}" : $"{Verb} {Resource} {Subject}";
}
