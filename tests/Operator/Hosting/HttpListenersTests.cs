using System.Net;
using System.Net.Sockets;
using System.Text;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Options;
using CertOperator.Operator.Telemetry;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting;

public sealed class HttpListenersTests
{
    private string? _problem;
    private HttpListeners _listeners = null!;
    private HttpClient _client = null!;

    [SetUp]
    public async Task Start()
    {
        _problem = null;
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        _listeners = Listeners(new OperatorOptions { Http01Listen = Loopback(), MetricsListen = Loopback(), HealthListen = Loopback() });
        await _listeners.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task Stop()
    {
        _client.Dispose();
        await _listeners.StopAsync(CancellationToken.None);
        await _listeners.DisposeAsync();
    }

    [Test]
    public async Task A_challenge_is_answered_with_its_key_authorization_as_plain_text()
    {
        using var response = await _client.GetAsync(Url(_listeners.Http01, "/.well-known/acme-challenge/abc_-9"));

        Assert.Multiple(async () =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain"));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("abc_-9.thumbprint"));
            Assert.That(response.Headers.Server, Is.Empty);
        });
    }

    [Test]
    public async Task HEAD_has_the_headers_alone()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, Url(_listeners.Http01, "/.well-known/acme-challenge/abc_-9"));
        using var response = await _client.SendAsync(request);

        Assert.That((response.StatusCode, response.Content.Headers.ContentLength), Is.EqualTo((HttpStatusCode.OK, 17L)));
    }

    [TestCase("GET", "/", TestName = "The_root_is_not_found")]
    [TestCase("GET", "/.well-known/acme-challenge/unknown", TestName = "An_unknown_token_is_not_found")]
    [TestCase("GET", "/.well-known/acme-challenge/", TestName = "No_token_is_not_found")]
    [TestCase("GET", "/.well-known/acme-challenge/abc_-9/", TestName = "A_path_below_a_token_is_not_found")]
    [TestCase("GET", "/.well-known/acme-challenge/..%2f..%2fetc", TestName = "An_escaped_slash_is_not_found")]
    [TestCase("GET", "/.well-known/acme-challenge/abc%2B", TestName = "A_token_with_other_characters_is_not_found")]
    [TestCase("GET", "/metrics", TestName = "Metrics_are_not_found_there")]
    [TestCase("POST", "/.well-known/acme-challenge/abc_-9", TestName = "A_POST_is_not_found")]
    public async Task Not_found_at_the_challenge_port(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Url(_listeners.Http01, path));
        using var response = await _client.SendAsync(request);

        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.NotFound, "not found\n")));
    }

    [TestCase(256, "aaa", HttpStatusCode.OK, TestName = "A_token_of_256_characters_is_looked_up")]
    [TestCase(257, "not", HttpStatusCode.NotFound, TestName = "A_longer_token_is_not")]
    [TestCase(9000, "", HttpStatusCode.RequestUriTooLong, TestName = "A_request_line_of_9000_characters_is_refused")]
    public async Task Length_of_a_token(int length, string start, HttpStatusCode expected)
    {
        using var response = await _client.GetAsync(Url(_listeners.Http01, "/.well-known/acme-challenge/" + new string('a', length)));

        Assert.That(response.StatusCode, Is.EqualTo(expected));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.StartWith(start));
    }

    [Test]
    public async Task Headers_of_more_than_8_KiB_are_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(_listeners.Http01, "/"));
        request.Headers.Add("X-Large", new string('a', 9000));
        using var response = await _client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestHeaderFieldsTooLarge));
    }

    [Test]
    public async Task Bytes_that_are_no_HTTP_are_refused_and_the_next_request_is_answered()
    {
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(_listeners.Http01.EndPoint);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes("\x16\x03\x01 nonsense\r\n\r\n"));
            using var reader = new StreamReader(socket.GetStream());
            Assert.That(await reader.ReadToEndAsync(), Does.StartWith("HTTP/1.1 400"));
        }

        Assert.That(await _client.GetStringAsync(Url(_listeners.Http01, "/.well-known/acme-challenge/abc_-9")), Is.EqualTo("abc_-9.thumbprint"));
    }

    [Test]
    public async Task Metrics_are_served_in_the_text_format()
    {
        using var response = await _client.GetAsync(Url(_listeners.Metrics, "/metrics"));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.Multiple(async () =>
        {
            Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
            Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("\ncertoperator_leader 0\n"));
        });
    }

    [TestCase("GET", "/", HttpStatusCode.NotFound)]
    [TestCase("GET", "/livez", HttpStatusCode.NotFound)]
    [TestCase("POST", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [TestCase("HEAD", "/metrics", HttpStatusCode.OK)]
    public async Task The_metrics_port_has_nothing_else(string method, string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Url(_listeners.Metrics, path));
        using var response = await _client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(expected));
    }

    [TestCase("/livez", null, HttpStatusCode.OK, "ok")]
    [TestCase("/readyz", null, HttpStatusCode.OK, "ok")]
    [TestCase("/livez?verbose", null, HttpStatusCode.OK, "livez check passed\n")]
    [TestCase("/readyz?verbose", null, HttpStatusCode.OK, "[+]informers ok\nreadyz check passed\n")]
    [TestCase("/readyz", "policies have not been listed yet", HttpStatusCode.ServiceUnavailable, "[-]informers failed: policies have not been listed yet\nreadyz check failed\n")]
    [TestCase("/livez", "policies have not been listed yet", HttpStatusCode.OK, "ok")]
    [TestCase("/metrics", null, HttpStatusCode.NotFound, "not found\n")]
    public async Task Health(string path, string? problem, HttpStatusCode status, string text)
    {
        _problem = problem;
        using var response = await _client.GetAsync(Url(_listeners.Health, path));

        Assert.That((response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((status, text)));
    }

    [Test]
    public async Task A_port_that_is_taken_is_named_with_its_option_and_the_others_are_closed_again()
    {
        var health = Loopback();
        await using var second = Listeners(new OperatorOptions
        {
            Http01Listen = Loopback(),
            MetricsListen = _listeners.Metrics.EndPoint,
            HealthListen = health,
        });

        Assert.That(
            async () => await second.StartAsync(CancellationToken.None),
            Throws.TypeOf<ListenException>().With.Message.EqualTo(
                $"Cannot listen on {_listeners.Metrics.EndPoint} for metrics: the address is in use. Choose another address with --metrics-listen."));
        using var socket = new TcpClient();
        Assert.That(async () => await socket.ConnectAsync(health), Throws.InstanceOf<SocketException>());
    }

    [Test]
    public async Task An_address_of_another_machine_is_an_error_too()
    {
        await using var listeners = Listeners(new OperatorOptions { HealthListen = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 8403) });

        Assert.That(
            async () => await listeners.StartAsync(CancellationToken.None),
            Throws.TypeOf<ListenException>().With.Message.Contains("--health-listen"));
    }

    [Test]
    public async Task IPv6_is_listened_on()
    {
        await using var listeners = Listeners(new OperatorOptions
        {
            Http01Listen = new IPEndPoint(IPAddress.IPv6Loopback, FreePort.Next()),
            MetricsListen = Loopback(),
            HealthListen = Loopback(),
        });
        await listeners.StartAsync(CancellationToken.None);

        Assert.That(await _client.GetStringAsync(Url(listeners.Http01, "/.well-known/acme-challenge/abc_-9")), Is.EqualTo("abc_-9.thumbprint"));
        await listeners.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task Port_0_takes_a_free_one_and_tells_which()
    {
        await using var listeners = Listeners(new OperatorOptions
        {
            Http01Listen = new IPEndPoint(IPAddress.Loopback, 0),
            MetricsListen = new IPEndPoint(IPAddress.Loopback, 0),
            HealthListen = new IPEndPoint(IPAddress.Loopback, 0),
        });
        await listeners.StartAsync(CancellationToken.None);

        Assert.That(await _client.GetStringAsync(Url(listeners.Health, "/livez")), Is.EqualTo("ok"));
        await listeners.StopAsync(CancellationToken.None);
    }

    private HttpListeners Listeners(OperatorOptions options) => new(
        options,
        new Challenges(),
        new ServedMetrics(new CertOperatorMetrics(BuildInformation.Current).Registry, null, null, () => null),
        new HealthChecks([], [new HealthCheck("informers", () => _problem)]),
        NullLoggerFactory.Instance);

    private static IPEndPoint Loopback() => new(IPAddress.Loopback, FreePort.Next());

    // An escaped slash must arrive as it is.
    private static Uri Url(ListeningPort listener, string path) =>
        new($"http://{listener.EndPoint}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private sealed class Challenges : IHttp01Responder
    {
        public ValueTask<string?> FindAsync(string token, CancellationToken ct) =>
            ValueTask.FromResult(token == "abc_-9" ? "abc_-9.thumbprint" : token.Trim('a').Length == 0 ? token + ".thumbprint" : null);
    }
}
