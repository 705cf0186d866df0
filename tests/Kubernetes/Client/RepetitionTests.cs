using System.Net;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>The two answers after which the client asks again by itself, and all others, after which it does not.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RepetitionTests
{
    private const string Stored = """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"web","namespace":"shop"}}""";
    private const string Busy = """{"kind":"Status","reason":"TooManyRequests","message":"busy","code":429}""";
    private static readonly NamespacedName Web = new("shop", "web");

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingObserver _observer = new();

    [Test]
    public async Task Busy_server_is_asked_again_when_it_says()
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.TooManyRequests, Busy, retryAfter: "2").Answer(Stored);
        var call = server.Client(_time, _observer).Resource(CoreResources.Secrets).UpdateAsync(new Secret { Metadata = { Name = "web", Namespace = "shop" } }, default);

        // One timer is the call's own limit.
        await _time.WaitForTimersAsync(2);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await call;

        Assert.That(server.Requests[1], Is.EqualTo(server.Requests[0]));
        Assert.That(_observer.Requests, Is.EqualTo(new[] { "update secrets 429", "update secrets 200" }));
    }

    [Test]
    public async Task Date_to_come_back_at_is_kept()
    {
        var date = _time.GetUtcNow().AddSeconds(3).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        var server = new FakeApiServer().Answer(HttpStatusCode.TooManyRequests, Busy, retryAfter: date).Answer(Stored);
        var call = server.Client(_time).Resource(CoreResources.Secrets).GetAsync(Web, default);
        await _time.WaitForTimersAsync(2);
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.That((await call).Metadata.Name, Is.EqualTo("web"));
    }

    [Test]
    public async Task Server_that_stays_busy_is_given_up_after_three_repetitions()
    {
        var server = new FakeApiServer();
        for (var i = 0; i < 5; i++)
        {
            server.Answer(HttpStatusCode.TooManyRequests, Busy, retryAfter: "0");
        }

        var thrown = await Assert.ThrowsAsync<TooManyRequestsException>(() => server.Client(_time).Resource(CoreResources.Secrets).GetAsync(Web, default));

        Assert.That(server.Requests, Has.Count.EqualTo(4));
        Assert.That(thrown!.RetryAfter, Is.EqualTo(TimeSpan.Zero));
    }

    [TestCase("11", 11d)]
    [TestCase("3600", 3600d)]
    [TestCase(null, null)]
    [TestCase("soon", null)]
    public async Task Long_or_unknown_wait_is_left_to_the_caller(string? retryAfter, double? seconds)
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.TooManyRequests, Busy, retryAfter: retryAfter);
        var thrown = await Assert.ThrowsAsync<TooManyRequestsException>(() => server.Client(_time).Resource(CoreResources.Secrets).GetAsync(Web, default));

        Assert.That(thrown!.RetryAfter?.TotalSeconds, Is.EqualTo(seconds));
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [TestCase(500)]
    [TestCase(503)]
    [TestCase(409)]
    public void Other_refusals_are_not_repeated(int code)
    {
        var server = new FakeApiServer().Answer((HttpStatusCode)code, "{}", retryAfter: "1");

        Assert.That(() => server.Client(_time).Resource(CoreResources.Secrets).GetAsync(Web, default), Throws.InstanceOf<KubernetesException>());
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Unavailable_server_tells_when_to_come_back()
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.ServiceUnavailable, """{"kind":"Status","details":{"retryAfterSeconds":5}}""");
        var thrown = await Assert.ThrowsAsync<ServerUnavailableException>(() => server.Client(_time).Resource(CoreResources.Secrets).GetAsync(Web, default));

        Assert.That(thrown!.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task Refused_token_is_read_again_from_its_file()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("token");
        await File.WriteAllTextAsync(path, "first");
        var server = new FakeApiServer().Answer(Stored).Answer(HttpStatusCode.Unauthorized, "{}").Answer(Stored);
        using var client = server.Client(_time, _observer, WithToken(path));
        var secrets = client.Resource(CoreResources.Secrets);
        await secrets.GetAsync(Web, default);
        await File.WriteAllTextAsync(path, "second");
        await secrets.GetAsync(Web, default);

        Assert.That(server.Requests.Select(Token), Is.EqualTo(new[] { "Bearer first", "Bearer first", "Bearer second" }));
        Assert.That(_observer.Requests, Is.EqualTo(new[] { "get secrets 200", "get secrets 401", "get secrets 200" }));
    }

    [Test]
    public async Task Refused_token_that_has_not_changed_is_not_tried_again()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("token");
        await File.WriteAllTextAsync(path, "only");
        var server = new FakeApiServer().Answer(HttpStatusCode.Unauthorized, "{}");

        Assert.That(() => server.Client(_time, configuration: WithToken(path)).Resource(CoreResources.Secrets).GetAsync(Web, default),
            Throws.InstanceOf<UnauthorizedException>());
        Assert.That(server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Token_file_is_read_again_after_a_minute()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("token");
        await File.WriteAllTextAsync(path, "first\n");
        var server = new FakeApiServer().Answer(Stored).Answer(Stored).Answer(Stored).Answer(Stored);
        var secrets = server.Client(_time, configuration: WithToken(path)).Resource(CoreResources.Secrets);

        await secrets.GetAsync(Web, default);
        await File.WriteAllTextAsync(path, "second\n");
        _time.Advance(TimeSpan.FromSeconds(59));
        await secrets.GetAsync(Web, default);
        _time.Advance(TimeSpan.FromSeconds(1));
        await secrets.GetAsync(Web, default);
        File.Delete(path);
        _time.Advance(TimeSpan.FromMinutes(1));
        await secrets.GetAsync(Web, default);

        Assert.That(server.Requests.Select(Token), Is.EqualTo(new[] { "Bearer first", "Bearer first", "Bearer second", "Bearer second" }));
    }

    private static KubernetesClientConfiguration WithToken(string path) => new()
    {
        Server = new Uri("https://api.test"),
        Token = CredentialMaterial.FromFile(path, "token"),
    };

    private static string? Token(string request) => request.Split('\n').FirstOrDefault(line => line.StartsWith("Authorization: ", StringComparison.Ordinal))?[15..];
}
