using System.Text.Json;

namespace CertOperator.Acme.Tests.Fakes;

/// <summary>A request whose JWS was verified.</summary>
/// <param name="Path">Path and query of the URL.</param>
/// <param name="Header">The protected header.</param>
/// <param name="Payload">The payload's bytes; none for a POST-as-GET.</param>
public sealed record SignedRequest(string Path, JsonElement Header, byte[] Payload)
{
    public bool IsPostAsGet => Payload.Length == 0;

    public JsonElement Json => JsonDocument.Parse(Payload).RootElement;

    public string? KeyId => Header.TryGetProperty("kid", out var kid) ? kid.GetString() : null;
}
