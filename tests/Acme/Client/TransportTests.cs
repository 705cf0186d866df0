using System.Net.Http.Headers;
using CertOperator.Acme.Tests.Fakes;

namespace CertOperator.Acme.Tests.Client;

public sealed class TransportTests
{
    private static FakeResponse Streaming(OddStream stream) => new(200)
    {
        Content = () => new StreamContent(stream) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    };

    [Test]
    public async Task A_body_that_says_it_is_too_large_is_not_read()
    {
        using var ca = new FakeCa(new AcmeClientOptions { MaxBodyBytes = 100_000 });
        ca.Server.OnGet("/directory", FakeResponse.Of(200, "application/json", new byte[100_001]));

        var broken = await Assert.ThrowsAsync<AcmeProtocolException>(() => ca.Client.GetDirectoryAsync(default));

        Assert.That(broken!.Message, Does.Contain("larger than 100000 bytes"));
    }

    [Test]
    public async Task An_endless_body_is_cut_off_at_the_cap()
    {
        var stream = new OddStream(OddStream.Behaviour.Endless);
        using var ca = new FakeCa(new AcmeClientOptions { MaxBodyBytes = 100_000 });
        ca.Server.OnGet("/directory", Streaming(stream));

        await Assert.ThrowsAsync<AcmeProtocolException>(() => ca.Client.GetDirectoryAsync(default));

        Assert.That(stream.Delivered, Is.LessThan(1_000_000));
    }

    [Test]
    public async Task A_body_that_breaks_off_is_a_transport_failure()
    {
        using var ca = new FakeCa();
        ca.Server.OnGet("/directory", Streaming(new OddStream(OddStream.Behaviour.Broken)));

        var failed = await Assert.ThrowsAsync<AcmeTransportException>(() => ca.Client.GetDirectoryAsync(default));

        Assert.That(failed!.Failure, Is.EqualTo(AcmeTransportFailure.Connection));
        Assert.That(failed.Message, Does.Contain("ca.test").And.Contain("directory").And.Contain("The connection was reset."));
    }

    [Test]
    public async Task A_body_that_does_not_come_times_out_on_the_given_clock()
    {
        using var ca = new FakeCa();
        ca.Server.OnGet("/directory", Streaming(new OddStream(OddStream.Behaviour.Stalled)));

        var waiting = ca.Client.GetDirectoryAsync(default);
        await ca.Time.WaitForTimersAsync();
        ca.Time.Advance(TimeSpan.FromSeconds(30));
        var failed = await Assert.ThrowsAsync<AcmeTransportException>(() => waiting);

        Assert.That(failed!.Failure, Is.EqualTo(AcmeTransportFailure.Timeout));
        Assert.That(ca.Requests.Entries.Single(), Is.EqualTo(new RequestLog.Entry("ca.test", AcmeActions.Directory, 200, TimeSpan.FromSeconds(30))));
    }

    [Test]
    public async Task The_callers_cancellation_stays_a_cancellation()
    {
        using var ca = new FakeCa();
        using var cancelled = new CancellationTokenSource();
        ca.Server.OnGet("/directory", Streaming(new OddStream(OddStream.Behaviour.Stalled)));

        var waiting = ca.Client.GetDirectoryAsync(cancelled.Token);
        await ca.Time.WaitForTimersAsync();
        await cancelled.CancelAsync();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task No_timer_is_left_behind()
    {
        using var ca = new FakeCa();

        await ca.NewAccountAsync();

        Assert.That(ca.Time.TimerCount, Is.Zero);
    }

    [TestCase(HttpRequestError.NameResolutionError, AcmeTransportFailure.NameResolution)]
    [TestCase(HttpRequestError.ConnectionError, AcmeTransportFailure.Connection)]
    [TestCase(HttpRequestError.SecureConnectionError, AcmeTransportFailure.Tls)]
    [TestCase(HttpRequestError.ResponseEnded, AcmeTransportFailure.Connection)]
    [TestCase(HttpRequestError.Unknown, AcmeTransportFailure.Other)]
    public async Task Failures_without_an_answer_are_told_apart(HttpRequestError error, AcmeTransportFailure failure)
    {
        using var ca = new FakeCa(inBetween: new FailingHandler(error));

        var failed = await Assert.ThrowsAsync<AcmeTransportException>(() => ca.Client.GetDirectoryAsync(default));

        Assert.That(failed!.Failure, Is.EqualTo(failure));
        Assert.That(ca.Requests.Entries.Single().Status, Is.Zero);
    }

    [Test]
    public void A_redirect_that_the_http_client_followed_is_noticed()
    {
        using var ca = new FakeCa(inBetween: new RedirectFollowingHandler());

        Assert.That(async () => await ca.Client.GetDirectoryAsync(default), Throws.InstanceOf<AcmeProtocolException>().With.Message.Contains("AllowAutoRedirect"));
    }

    [TestCase("http://ca.test/order/1")]
    [TestCase("https://user@ca.test/order/1")]
    public async Task A_stored_url_that_is_unfit_is_not_asked(string url)
    {
        using var ca = new FakeCa();
        var account = await ca.NewAccountAsync();
        ca.Requests.Clear();

        await Assert.ThrowsAsync<AcmeProtocolException>(() => account.GetOrderAsync(new Uri(url), default));

        Assert.That(ca.Requests.Entries, Is.Empty);
    }

    private sealed class FailingHandler(HttpRequestError error) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(error, "no luck");
    }

    private sealed class RedirectFollowingHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // As SocketsHttpHandler does: the request itself is changed.
            request.RequestUri = new Uri("https://elsewhere.test/");
            return Task.FromResult(new HttpResponseMessage { RequestMessage = request });
        }
    }
}
