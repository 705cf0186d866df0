using System.Text;
using System.Text.Json.Nodes;

namespace CertOperator.TestSupport.Aws;

/// <summary>What AWS answers.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">Type of the body.</param>
/// <param name="Body">The body.</param>
public sealed record FakeAwsAnswer(int Status, string ContentType, byte[] Body)
{
    private const string Json11 = "application/x-amz-json-1.1";

    /// <summary>The connection breaks after so many bytes of the body; null to send it whole.</summary>
    public int? CutAfter { get; init; }

    public static FakeAwsAnswer Json(JsonNode body) => new(200, Json11, Encoding.UTF8.GetBytes(body.ToJsonString()));

    /// <summary>An error of the JSON protocol, as the API references show it.</summary>
    public static FakeAwsAnswer Error(string code, string message, int status = 400)
        => new(status, Json11, Encoding.UTF8.GetBytes(new JsonObject { ["__type"] = code, ["message"] = message }.ToJsonString()));

    public static FakeAwsAnswer Xml(string body, int status = 200) => new(status, "text/xml", Encoding.UTF8.GetBytes(body));
}
