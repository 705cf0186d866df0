using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CertOperator.Providers.Dns.Api;

/// <summary>JSON to and from DNS providers.</summary>
internal static class DnsApiJson
{
    /// <exception cref="Issuance.IssuanceException">The answer is something else.</exception>
    public static T Read<T>(this DnsApi api, DnsApiAnswer answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw api.Unexpected("null");
        }
        catch (JsonException)
        {
            throw api.Unexpected("something that is no JSON of its API");
        }
    }

    public static StringContent Content<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.Serialize(value, type), Encoding.UTF8, "application/json");
}
