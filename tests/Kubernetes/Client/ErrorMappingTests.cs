using System.Net;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

/// <summary>Which refusal becomes which exception.</summary>
public sealed class ErrorMappingTests
{
    private static readonly NamespacedName Web = new("shop", "web");

    [TestCase(400, "BadRequest", typeof(KubernetesException))]
    [TestCase(401, "Unauthorized", typeof(UnauthorizedException))]
    [TestCase(403, "Forbidden", typeof(ForbiddenException))]
    [TestCase(404, "NotFound", typeof(NotFoundException))]
    [TestCase(405, "MethodNotAllowed", typeof(KubernetesException))]
    [TestCase(409, "Conflict", typeof(ConflictException))]
    [TestCase(409, "AlreadyExists", typeof(AlreadyExistsException))]
    [TestCase(410, "Expired", typeof(GoneException))]
    [TestCase(410, "Gone", typeof(GoneException))]
    [TestCase(413, "RequestEntityTooLarge", typeof(KubernetesException))]
    [TestCase(415, "UnsupportedMediaType", typeof(KubernetesException))]
    [TestCase(422, "Invalid", typeof(InvalidException))]
    [TestCase(429, "TooManyRequests", typeof(TooManyRequestsException))]
    [TestCase(500, "InternalError", typeof(ServerUnavailableException))]
    [TestCase(503, "ServiceUnavailable", typeof(ServerUnavailableException))]
    [TestCase(504, "Timeout", typeof(ServerUnavailableException))]
    [TestCase(301, "Moved", typeof(KubernetesException))]
    public async Task Code_and_reason_choose_the_exception(int code, string reason, Type expected)
    {
        var server = new FakeApiServer().Answer((HttpStatusCode)code, $$"""{"kind":"Status","status":"Failure","message":"so it is","reason":"{{reason}}","code":{{code}}}""");
        var thrown = (KubernetesException)(await Assert.ThrowsAsync(expected, () => server.Client().Resource(CoreResources.Secrets).GetAsync(Web, default)))!;

        Assert.That(thrown.Message, Is.EqualTo($"get secrets shop/web: so it is ({code} {reason})"));
        Assert.That((thrown.StatusCode, thrown.Reason), Is.EqualTo(((HttpStatusCode?)code, reason)));
    }

    [TestCase("<html>\n<body>Bad Gateway</body>", "text/html", "get secrets shop/web: <html> <body>Bad Gateway</body> [text/html] (502)")]
    [TestCase("", "text/plain", "get secrets shop/web: the answer says nothing (502)")]
    [TestCase("[1]", "application/json", "get secrets shop/web: [1] [application/json] (502)")]
    [TestCase("{\"kind\":\"Secret\"}", "application/json", "get secrets shop/web: {\"kind\":\"Secret\"} [application/json] (502)")]
    public async Task Answer_without_a_status_is_shown(string body, string contentType, string message)
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.BadGateway, body, contentType);
        var thrown = await Assert.ThrowsAsync<ServerUnavailableException>(() => server.Client().Resource(CoreResources.Secrets).GetAsync(Web, default));

        Assert.That(thrown!.Message, Is.EqualTo(message));
        Assert.That(thrown.Status, Is.Null);
    }

    [Test]
    public async Task Invalid_object_names_its_fields()
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.UnprocessableEntity,
            """{"kind":"Status","message":"m","reason":"Invalid","details":{"causes":[{"reason":"FieldValueRequired","message":"Required value","field":"spec.a"}]},"code":422}""");
        var thrown = await Assert.ThrowsAsync<InvalidException>(() => server.Client().Resource(CoreResources.Secrets).GetAsync(Web, default));

        Assert.That(thrown!.Causes.Select(cause => (cause.Field, cause.Message)), Is.EqualTo(new[] { ("spec.a", "Required value") }));
    }

    [Test]
    public async Task Absent_object_is_found_as_null()
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.NotFound, """{"kind":"Status","reason":"NotFound","code":404}""");

        Assert.That(await server.Client().Resource(CoreResources.Secrets).FindAsync(Web, default), Is.Null);
    }

    [Test]
    public void Unknown_kind_is_not_taken_for_an_absent_object()
    {
        var server = new FakeApiServer().Answer(HttpStatusCode.NotFound, "404 page not found\n", "text/plain");

        Assert.That(() => server.Client().Resource(CoreResources.Secrets).FindAsync(Web, default), Throws.InstanceOf<NotFoundException>());
    }

    [TestCase("not json")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"kind":"ConfigMap","metadata":{"name":"web"}}""")]
    [TestCase("""{"kind":"Secret","metadata":{"name":"web"},"data":{"a":"%"}}""")]
    [TestCase("""{"kind":"Secret","metadata":{"name":"we""")]
    public async Task Answer_that_is_no_such_object_is_a_fault_of_the_transport(string body)
    {
        var server = new FakeApiServer().Answer(body);
        var thrown = await Assert.ThrowsAsync<KubernetesTransportException>(() => server.Client().Resource(CoreResources.Secrets).GetAsync(Web, default));

        Assert.That(thrown!.Message, Is.EqualTo("get secrets shop/web: the answer is not the JSON that was expected"));
        Assert.That(thrown.StatusCode, Is.Null);
    }

    [Test]
    public void Answer_that_is_too_large_is_not_read_to_its_end()
    {
        var server = new FakeApiServer().Answer("{\"kind\":\"" + new string('x', ApiLimits.Object) + "\"}");

        Assert.That(() => server.Client().Resource(CoreResources.Secrets).GetAsync(Web, default),
            Throws.InstanceOf<KubernetesTransportException>().With.Message.Contains("more than 8388608 bytes"));
    }

    [Test]
    public void Failed_connection_is_a_fault_of_the_transport()
    {
        var server = new FakeApiServer().Answer(() => throw new HttpRequestException("Connection refused"));
        var observer = new RecordingObserver();

        Assert.That(() => server.Client(observer: observer).Resource(CoreResources.Secrets).GetAsync(Web, default),
            Throws.InstanceOf<KubernetesTransportException>().With.Message.EqualTo("get secrets shop/web: Connection refused"));
        Assert.That(observer.Requests, Is.EqualTo(new[] { "get secrets 0" }));
    }

    [Test]
    public async Task Answer_that_does_not_come_is_given_up()
    {
        var time = new ManualTimeProvider();
        var body = new System.IO.Pipelines.Pipe();
        var server = new FakeApiServer().Answer(body.Reader.AsStream());
        var call = server.Client(time).Resource(CoreResources.Secrets).GetAsync(Web, default);
        await time.WaitForTimersAsync();
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(() => call, Throws.InstanceOf<KubernetesTransportException>().With.Message.Contains("within the time limit"));
    }

    [Test]
    public void Cancellation_by_the_caller_stays_one()
    {
        var server = new FakeApiServer().Answer("{}");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.That(() => server.Client().Resource(CoreResources.Secrets).GetAsync(Web, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}
