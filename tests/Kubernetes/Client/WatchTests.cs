using System.IO.Pipelines;
using System.Net;
using System.Text;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Client;

public sealed class WatchTests
{
    private const string Stream =
        """
        {"type":"ADDED","object":{"kind":"Secret","apiVersion":"v1","metadata":{"name":"ä","namespace":"shop","resourceVersion":"1"},"data":{"k":"dg=="}}}
        {"object":{"kind":"Secret","metadata":{"name":"b","resourceVersion":"2"}},"type":"MODIFIED","later":{"a":[]}}
        {"type":"BOOKMARK","object":{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":"3","creationTimestamp":null},"spec":{}}}

        {"type":"SOMETHING NEW","object":{}}
        {"type":"DELETED","object":{"kind":"Secret","metadata":{"name":"b","resourceVersion":"4"}}}

        """;

    private static readonly string[] Expected = ["Added ä@1", "Modified b@2", "Bookmark 3", "Deleted b@4"];

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    [TestCase(4096)]
    [TestCase(1_000_000)]
    public async Task Events_come_out_however_the_bytes_are_cut(int chunk) =>
        Assert.That(await ReadAsync(new FakeApiServer().Answer(new ChunkStream(Encoding.UTF8.GetBytes(Stream), chunk))), Is.EqualTo(Expected));

    [Test]
    public async Task Many_events_in_one_go_all_come_out()
    {
        var lines = string.Concat(Enumerable.Range(1, 5000).Select(i => $$$$"""{"type":"ADDED","object":{"metadata":{"name":"n{{{{i}}}}","resourceVersion":"{{{{i}}}}"}}}""" + "\n"));
        var events = await ReadAsync(new FakeApiServer().Answer(new ChunkStream(Encoding.UTF8.GetBytes(lines), 3000)));

        Assert.That(events, Is.EqualTo(Enumerable.Range(1, 5000).Select(i => $"Added n{i}@{i}")));
    }

    [Test]
    public async Task Event_is_seen_before_the_next_one_comes()
    {
        var pipe = new Pipe();
        var server = new FakeApiServer().Answer(pipe.Reader.AsStream());
        await using var events = server.Client().Resource(CoreResources.Secrets).WatchAsync(new WatchOptions(), default).GetAsyncEnumerator();
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("""{"type":"ADDED","object":{"metadata":{"name":"a"}}}""" + "\n"));
        Assert.That(await events.MoveNextAsync(), Is.True);

        var next = events.MoveNextAsync();
        Assert.That(next.IsCompleted, Is.False);
        await pipe.Writer.CompleteAsync();
        Assert.That(await next, Is.False);
    }

    [Test]
    public async Task Version_that_is_too_old_is_gone()
    {
        var server = new FakeApiServer().Answer("""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 1 (5)","reason":"Expired","code":410}}""" + "\n");
        var thrown = await Assert.ThrowsAsync<GoneException>(() => ReadAsync(server));

        Assert.That(thrown!.Message, Is.EqualTo("watch secrets: too old resource version: 1 (5) (410 Expired)"));
    }

    [TestCase(410, "Expired", typeof(GoneException))]
    [TestCase(500, "InternalError", typeof(ServerUnavailableException))]
    [TestCase(403, "Forbidden", typeof(ForbiddenException))]
    [TestCase(429, "TooManyRequests", typeof(TooManyRequestsException))]
    public void Refusal_is_the_same_before_the_stream_and_in_it(int code, string reason, Type expected)
    {
        var status = $$"""{"kind":"Status","reason":"{{reason}}","code":{{code}}}""";

        Assert.That(() => ReadAsync(new FakeApiServer().Answer((HttpStatusCode)code, status)), Throws.InstanceOf(expected));
        Assert.That(() => ReadAsync(new FakeApiServer().Answer("{\"type\":\"ERROR\",\"object\":" + status + "}\n")), Throws.InstanceOf(expected));
    }

    [TestCase("not json\n", "the answer is not the JSON that was expected")]
    [TestCase("[]\n", "the answer is not the JSON that was expected")]
    [TestCase("{\"type\":\"ADDED\"}\n", "the answer is not the JSON that was expected")]
    [TestCase("{\"type\":1,\"object\":{}}\n", "the answer is not the JSON that was expected")]
    [TestCase("{\"type\":\"ADDED\",\"object\":{}}\n", "the answer is not the JSON that was expected")]
    [TestCase("{\"type\":\"ADDED\",\"object\":null}\n", "the answer is not the JSON that was expected")]
    [TestCase("{\"type\":\"ADDED\",\"obj", "the stream ended within a line")]
    public void Stream_that_is_no_watch_is_a_fault_of_the_transport(string stream, string message) =>
        Assert.That(() => ReadAsync(new FakeApiServer().Answer(stream)),
            Throws.InstanceOf<KubernetesTransportException>().With.Message.EqualTo($"watch secrets: {message}"));

    [Test]
    public void Line_without_end_is_not_read_to_its_end()
    {
        var endless = new ChunkStream(new byte[ApiLimits.WatchFrame * 2], 1 << 20);

        Assert.That(() => ReadAsync(new FakeApiServer().Answer(endless)),
            Throws.InstanceOf<KubernetesTransportException>().With.Message.Contains("more than 8388608 bytes"));
        Assert.That(endless.Taken, Is.LessThan(ApiLimits.WatchFrame + (2 << 20)));
    }

    [Test]
    public async Task Large_object_is_read_whole()
    {
        var value = Convert.ToBase64String(new byte[1_500_000]);
        var server = new FakeApiServer().Answer(new ChunkStream(
            Encoding.UTF8.GetBytes($$$$"""{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"},"data":{"k":"{{{{value}}}}"}}}""" + "\n"), 10_000));

        Assert.That(await ReadAsync(server), Is.EqualTo(new[] { "Added a@1" }));
    }

    [Test]
    public async Task Server_that_does_not_end_the_watch_in_time_is_taken_for_dead()
    {
        var time = new ManualTimeProvider();
        var server = new FakeApiServer().Answer(new Pipe().Reader.AsStream());
        await using var events = server.Client(time).Resource(CoreResources.Secrets)
            .WatchAsync(new WatchOptions { TimeoutSeconds = 300 }, default).GetAsyncEnumerator();
        var next = events.MoveNextAsync().AsTask();
        await time.WaitForTimersAsync();
        time.Advance(TimeSpan.FromSeconds(329));
        Assert.That(next.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(() => next, Throws.InstanceOf<KubernetesTransportException>().With.Message.EqualTo("watch secrets: no answer, or not the whole of it, within the time limit"));
    }

    [Test]
    public async Task Watch_ends_when_the_caller_says_so()
    {
        using var stop = new CancellationTokenSource();
        var server = new FakeApiServer().Answer(new Pipe().Reader.AsStream());
        await using var events = server.Client().Resource(CoreResources.Secrets).WatchAsync(new WatchOptions(), stop.Token).GetAsyncEnumerator();
        var next = events.MoveNextAsync().AsTask();
        await stop.CancelAsync();

        Assert.That(() => next, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Connection_that_breaks_is_a_fault_of_the_transport()
    {
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync(new IOException("Connection reset by peer"));

        Assert.That(() => ReadAsync(new FakeApiServer().Answer(pipe.Reader.AsStream())),
            Throws.InstanceOf<KubernetesTransportException>().With.Message.EqualTo("watch secrets: Connection reset by peer"));
    }

    private static async Task<List<string>> ReadAsync(FakeApiServer server)
    {
        var seen = new List<string>();
        await foreach (var change in server.Client().Resource(CoreResources.Secrets).WatchAsync(new WatchOptions(), default))
        {
            seen.Add(change switch
            {
                WatchEvent<Secret>.Added e => $"Added {e.Object.Metadata.Name}@{e.Object.Metadata.ResourceVersion}",
                WatchEvent<Secret>.Modified e => $"Modified {e.Object.Metadata.Name}@{e.Object.Metadata.ResourceVersion}",
                WatchEvent<Secret>.Deleted e => $"Deleted {e.Object.Metadata.Name}@{e.Object.Metadata.ResourceVersion}",
                WatchEvent<Secret>.Bookmark e => $"Bookmark {e.ResourceVersion}",
                _ => "?",
            });
        }

        return seen;
    }
}
