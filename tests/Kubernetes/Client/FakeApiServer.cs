using System.Net;
using System.Text;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>Stands in for the network: writes every request down as text and gives the answers it was told, in order.</summary>
internal sealed class FakeApiServer : HttpMessageHandler
{
    private readonly Queue<Func<HttpResponseMessage>> _answers = new();

    /// <summary>Method, URL, headers in order of their names, an empty line and the body, of each request.</summary>
    public List<string> Requests { get; } = [];

    public string OnlyRequest => Requests.Single();

    public IReadOnlyList<string> Urls => [.. Requests.Select(request => request.Split('\n')[0])];

    public FakeApiServer Answer(string json) => Answer(HttpStatusCode.OK, json);

    public FakeApiServer Answer(HttpStatusCode code, string body, string contentType = "application/json", string? retryAfter = null) =>
        Answer(() =>
        {
            var response = new HttpResponseMessage(code) { Content = new StringContent(body, Encoding.UTF8, contentType) };
            if (retryAfter is not null)
            {
                response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            }

            return response;
        });

    public FakeApiServer Answer(Stream body) => Answer(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(body) });

    public FakeApiServer Answer(Func<HttpResponseMessage> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public KubernetesClient Client(
        TimeProvider? timeProvider = null, IKubernetesRequestObserver? observer = null, KubernetesClientConfiguration? configuration = null) =>
        new(
            configuration ?? new KubernetesClientConfiguration { Server = new Uri("https://api.test:6443") },
            timeProvider ?? TimeProvider.System,
            observer ?? new RecordingObserver(),
            _ => this);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Worked out when it is first asked for.
        _ = request.Content?.Headers.ContentLength;
        var text = new StringBuilder($"{request.Method} {request.RequestUri!.AbsoluteUri}\n");
        foreach (var header in request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .OrderBy(header => header.Key, StringComparer.Ordinal))
        {
            text.Append(header.Key).Append(": ").AppendJoin(", ", header.Value).Append('\n');
        }

        text.Append('\n');
        if (request.Content is not null)
        {
            text.Append(await request.Content.ReadAsStringAsync(cancellationToken));
        }

        Requests.Add(text.ToString());
        cancellationToken.ThrowIfCancellationRequested();
        return _answers.Dequeue()();
    }
}
