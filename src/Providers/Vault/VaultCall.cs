using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CertOperator.Providers.Vault;

/// <summary>A request to Vault.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Path">Below /v1/, as a Vault policy writes it.</param>
/// <param name="Capability">What the token's policy has to grant on the path.</param>
public sealed record VaultCall(HttpMethod Method, string Path, string Capability)
{
    /// <summary>Such as ?version=2; null for none.</summary>
    public string? Query { get; init; }

    /// <summary>JSON.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Refusals that the caller understands and wants to have as answers.</summary>
    public IReadOnlyList<HttpStatusCode> Expected { get; init; } = [];

    public static VaultCall Read(string path, params HttpStatusCode[] expected) => new(HttpMethod.Get, path, "read") { Expected = expected };

    public static VaultCall Write<T>(string path, T body, JsonTypeInfo<T> type, string capability = "update")
        => new(HttpMethod.Post, path, capability) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };

    /// <summary>Bodies hold keys and credentials.</summary>
    public override string ToString() => $"{Method} {Path}";
}

/// <summary>What Vault answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body, of bounded size.</param>
/// <param name="RetryAfter">How long Vault asks to wait.</param>
public sealed record VaultAnswer(HttpStatusCode Status, byte[] Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Bodies hold keys and tokens.</summary>
    public override string ToString() => $"{(int)Status}";
}
