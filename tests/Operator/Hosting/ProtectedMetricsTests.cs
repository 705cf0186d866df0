using System.Net;
using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Hosting.Access;
using CertOperator.Operator.Options;
using CertOperator.Operator.Telemetry;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ProtectedMetricsTests
{
    private readonly ManualTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private ReviewingCluster _cluster = null!;
    private HttpListeners _listeners = null!;
    private HttpClient _client = null!;
    private string? _problem;

    [SetUp]
    public async Task Start()
    {
        _cluster = new ReviewingCluster { Tokens = { ["good"] = "prometheus", ["other"] = "stranger" }, Scrapers = { "prometheus" } };
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=certoperator";
        _client = new HttpClient(handler);
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        _listeners = new HttpListeners(
            new OperatorOptions { Http01Listen = any, MetricsListen = any, HealthListen = any },
            new NoChallenges(),
            new ServedMetrics(
                new CertOperatorMetrics(BuildInformation.Current).Registry,
                new ServingCertificate(null, null, _time, new RecordingLogger<ServingCertificate>()),
                new ScraperAccess(_cluster, _time, new RecordingLogger<ScraperAccess>()),
                () => _problem),
            new HealthChecks([], []),
            NullLoggerFactory.Instance);
        await _listeners.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task Stop()
    {
        _client.Dispose();
        await _listeners.StopAsync(CancellationToken.None);
        await _listeners.DisposeAsync();
    }

    [TestCase("Bearer good", HttpStatusCode.OK, "certoperator_leader 0")]
    [TestCase("bearer good", HttpStatusCode.OK, "certoperator_leader 0")]
    [TestCase("Bearer other", HttpStatusCode.Forbidden, "grant the token's user the verb get on the nonResourceURL /metrics")]
    [TestCase("Bearer guess", HttpStatusCode.Unauthorized, "send a token")]
    [TestCase("Bearer ", HttpStatusCode.Unauthorized, "send a token")]
    [TestCase("Basic Z29vZDpnb29k", HttpStatusCode.Unauthorized, "send a token")]
    [TestCase("good", HttpStatusCode.Unauthorized, "send a token")]
    [TestCase(null, HttpStatusCode.Unauthorized, "send a token")]
    public async Task Who_reads_the_metrics(string? authorization, HttpStatusCode status, string text)
    {
        using var response = await GetAsync("/metrics", authorization);

        Assert.That((response.StatusCode, response.Headers.WwwAuthenticate.ToString()), Is.EqualTo((status, status == HttpStatusCode.Unauthorized ? "Bearer" : "")));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain(text));
    }

    [Test]
    public async Task An_API_server_that_fails_is_a_503()
    {
        _cluster.Before = _ => throw new ForbiddenException("tokenreviews is forbidden");
        using var response = await GetAsync("/metrics", "Bearer good");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task Tokens_that_are_made_up_are_soon_a_429_that_says_when_to_come_again()
    {
        var answers = new List<(HttpStatusCode, TimeSpan?)>();
        for (var i = 0; i < 40; i++)
        {
            using var response = await GetAsync("/metrics", $"Bearer guess-{i}");
            answers.Add((response.StatusCode, response.Headers.RetryAfter?.Delta));
        }

        Assert.That(answers.Take(10), Is.All.EqualTo((HttpStatusCode.Unauthorized, (TimeSpan?)null)));
        Assert.That(answers.Skip(10), Is.All.EqualTo((HttpStatusCode.TooManyRequests, (TimeSpan?)TimeSpan.FromSeconds(1))));
        Assert.That(_cluster.Questions, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task Before_all_objects_are_listed_a_scrape_fails_instead_of_saying_that_there_are_none()
    {
        _problem = "the API server has not listed all objects yet";
        using var early = await GetAsync("/metrics", "Bearer good");
        using var stranger = await GetAsync("/metrics", "Bearer other");
        _problem = null;
        using var then = await GetAsync("/metrics", "Bearer good");

        Assert.That((early.StatusCode, early.Headers.RetryAfter?.Delta, await early.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.ServiceUnavailable, (TimeSpan?)TimeSpan.FromSeconds(5), "the API server has not listed all objects yet\n")));
        Assert.That((stranger.StatusCode, then.StatusCode), Is.EqualTo((HttpStatusCode.Forbidden, HttpStatusCode.OK)));
    }

    [Test]
    public async Task Other_paths_are_not_found_without_a_question()
    {
        using var response = await GetAsync("/", "Bearer good");

        Assert.That((response.StatusCode, _cluster.Questions.Count), Is.EqualTo((HttpStatusCode.NotFound, 0)));
    }

    [Test]
    public void Plain_HTTP_is_not_answered() =>
        Assert.That(async () => await _client.GetAsync(new Uri($"http://{_listeners.Metrics.EndPoint}/metrics")), Throws.InstanceOf<HttpRequestException>());

    private async Task<HttpResponseMessage> GetAsync(string path, string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{_listeners.Metrics.EndPoint}{path}");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await _client.SendAsync(request);
    }

    private sealed class NoChallenges : IHttp01Responder
    {
        public ValueTask<string?> FindAsync(string token, CancellationToken ct) => ValueTask.FromResult<string?>(null);
    }
}
