namespace CertOperator.TestSupport.Proxies;

/// <summary>A request to the API server.</summary>
/// <param name="Verb">get, list, create, update, patch or delete.</param>
/// <param name="Resource">The plural, with "/status" behind it for the subresource; empty for other paths.</param>
/// <param name="Name">Empty for a list or a create.</param>
/// <param name="Http">The request itself.</param>
public sealed record ApiRequest(string Verb, string Resource, string Name, ProxiedRequest Http)
{
    public bool IsWrite => Verb is not ("get" or "list");

    public override string ToString() => $"{Verb} {Resource} {Name}";

    internal static ApiRequest From(ProxiedRequest request)
    {
        // /api/v1/... and /apis/GROUP/VERSION/..., then perhaps namespaces/NAMESPACE, then PLURAL[/NAME[/SUBRESOURCE]].
        string[] parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] rest = parts switch
        {
            ["api", _, "namespaces", _, _, ..] => parts[4..],
            ["apis", _, _, "namespaces", _, _, ..] => parts[5..],
            ["api", _, ..] => parts[2..],
            ["apis", _, _, ..] => parts[3..],
            _ => [],
        };
        string name = rest.Length > 1 ? rest[1] : "";
        string verb = request.Method switch
        {
            "GET" => name.Length == 0 ? "list" : "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => request.Method,
        };
        return new ApiRequest(verb, rest.Length switch { 0 => "", > 2 => $"{rest[0]}/{rest[2]}", _ => rest[0] }, name, request);
    }
}
