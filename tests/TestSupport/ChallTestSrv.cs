using System.Text.Json.Nodes;

namespace CertOperator.TestSupport;

/// <summary>Changes what Pebble's DNS server answers; see pebble-challtestsrv's management interface.</summary>
public sealed class ChallTestSrv
{
    private readonly Uri _management;
    private readonly HttpClient _client;

    internal ChallTestSrv(Uri management, HttpClient client) => (_management, _client) = (management, client);

    /// <summary>The answer for names without records of their own; an empty string means none.</summary>
    public Task SetDefaultAddressAsync(string ipv4, CancellationToken ct = default) => PostAsync("set-default-ipv4", new() { ["ip"] = ipv4 }, ct);

    /// <summary>Gives a name A records of its own.</summary>
    public Task SetAddressesAsync(string host, IReadOnlyList<string> addresses, CancellationToken ct = default) =>
        PostAsync("add-a", new() { ["host"] = host, ["addresses"] = new JsonArray([.. addresses.Select(a => (JsonNode)a)]) }, ct);

    public Task ClearAddressesAsync(string host, CancellationToken ct = default) => PostAsync("clear-a", new() { ["host"] = host }, ct);

    /// <summary>Every question about the name is answered with SERVFAIL.</summary>
    public Task SetServerFailureAsync(string host, CancellationToken ct = default) => PostAsync("set-servfail", new() { ["host"] = host }, ct);

    public Task ClearServerFailureAsync(string host, CancellationToken ct = default) => PostAsync("clear-servfail", new() { ["host"] = host }, ct);

    /// <summary>Adds a TXT record; <paramref name="name"/> is the full name, with the last dot.</summary>
    public Task SetTextAsync(string name, string value, CancellationToken ct = default) => PostAsync("set-txt", new() { ["host"] = name, ["value"] = value }, ct);

    public Task ClearTextAsync(string name, CancellationToken ct = default) => PostAsync("clear-txt", new() { ["host"] = name }, ct);

    private async Task PostAsync(string command, JsonObject body, CancellationToken ct)
    {
        using var content = new StringContent(body.ToJsonString());
        using HttpResponseMessage response = await _client.PostAsync(new Uri(_management, command), content, ct);
        response.EnsureSuccessStatusCode();
    }
}
