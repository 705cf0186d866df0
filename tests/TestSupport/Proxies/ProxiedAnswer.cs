using System.Text;

namespace CertOperator.TestSupport.Proxies;

/// <summary>What a proxy hands back.</summary>
public sealed record ProxiedAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>No answer at all: the connection breaks.</summary>
    public static ProxiedAnswer Dropped { get; } = new(0, [], []);

    public string BodyText => Encoding.UTF8.GetString(Body);

    /// <summary>An answer of the proxy's own.</summary>
    public static ProxiedAnswer Of(int status, string contentType, string body, params (string Name, string Value)[] headers) =>
        new(status, [new("Content-Type", contentType), .. headers.Select(h => KeyValuePair.Create(h.Name, h.Value))], Encoding.UTF8.GetBytes(body));

    /// <summary>An ACME problem document (RFC 8555, section 6.7).</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="type">The last part of the type, such as <c>rateLimited</c>.</param>
    /// <param name="detail">A sentence.</param>
    /// <param name="headers">Such as Retry-After.</param>
    public static ProxiedAnswer Problem(int status, string type, string detail, params (string Name, string Value)[] headers) =>
        Of(status, "application/problem+json", $$"""{"type":"urn:ietf:params:acme:error:{{type}}","detail":"{{detail}}","status":{{status}}}""", headers);

    public string? Header(string name) => Headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public ProxiedAnswer WithHeader(string name, string value) =>
        this with { Headers = [.. Headers.Where(h => !h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)), new(name, value)] };

    public ProxiedAnswer WithBody(string body) => this with { Body = Encoding.UTF8.GetBytes(body) };

    public override string ToString() => Status == 0 ? "dropped" : $"{Status}";
}
