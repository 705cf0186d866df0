using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace CertOperator.Acme.Tests.Fakes;

/// <summary>What the fake server answers with.</summary>
public sealed record FakeResponse(int Status)
{
    public Func<HttpContent> Content { get; init; } = () => new ByteArrayContent([]);

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Whether a POST's answer brings a fresh nonce.</summary>
    public bool WithNonce { get; init; } = true;

    public static FakeResponse Json(int status, string json) => Of(status, "application/json", json);

    public static FakeResponse Problem(int status, string type, string detail = "no", string more = "") =>
        Of(status, "application/problem+json", $$"""{"type":"urn:ietf:params:acme:error:{{type}}","detail":"{{detail}}","status":{{status}}{{more}}}""");

    public static FakeResponse Html(int status) => Of(status, "text/html; charset=utf-8", "<html><body>Please log in</body></html>");

    public static FakeResponse Of(int status, string? contentType, string body) => Of(status, contentType, Encoding.UTF8.GetBytes(body));

    public static FakeResponse Of(int status, string? contentType, byte[] body) => new(status)
    {
        Content = () =>
        {
            var content = new ByteArrayContent(body);
            if (contentType is not null)
            {
                content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            }

            return content;
        },
    };

    public FakeResponse With(string header, string value) => this with { Headers = [.. Headers, (header, value)] };

    public HttpResponseMessage ToMessage(HttpRequestMessage request, string? nonce)
    {
        var message = new HttpResponseMessage((HttpStatusCode)Status) { RequestMessage = request, Content = Content() };
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (nonce is not null)
        {
            message.Headers.TryAddWithoutValidation("Replay-Nonce", nonce);
        }

        return message;
    }
}
