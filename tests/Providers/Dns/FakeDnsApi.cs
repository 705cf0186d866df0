using System.Collections.Concurrent;
using System.Net;
using System.Text;
using CertOperator.Providers.Dns.Api;

namespace CertOperator.Providers.Tests.Dns;

/// <summary>Stands in for a DNS provider's HTTP API: hands every request, whole, to the test, which answers as the provider's documentation says.</summary>
internal sealed class FakeDnsApi : HttpMessageHandler
{
    private readonly HttpClient _client;

    public FakeDnsApi() => _client = new HttpClient(this);

    public ConcurrentQueue<FakeApiRequest> Requests { get; } = new();

    public Func<FakeApiRequest, HttpResponseMessage> Answer { get; set; } = _ => new HttpResponseMessage(HttpStatusCode.NotFound);

    public DnsApi Api => new(_client, "The provider", "dns01.provider.secretName");

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK)
        => new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Xml(string body, HttpStatusCode status = HttpStatusCode.OK)
        => new(status) { Content = new StringContent(body, Encoding.UTF8, "text/xml") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []).ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase);
        var seen = new FakeApiRequest(request.Method.Method, request.RequestUri!, headers, body);
        Requests.Enqueue(seen);
        return Answer(seen);
    }
}

/// <summary>A request as it came.</summary>
internal sealed record FakeApiRequest(string Method, Uri Url, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>Method, path and query.</summary>
    public string Line => $"{Method} {Url.PathAndQuery}";
}
