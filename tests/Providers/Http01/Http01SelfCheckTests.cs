using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Http01;
using CertOperator.Providers.Tests.Egress;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Http01;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class Http01SelfCheckTests
{
    private const string Host = "www.example.com";
    private const string Token = "dG9rZW4";
    private const string Answer = "dG9rZW4.dGh1bWJwcmludA";

    private readonly ManualTimeProvider _time = new();
    private readonly FakeResolver _resolver = new FakeResolver().Answer(Host, "127.0.0.1").Answer("cdn.example.com", "127.0.0.1").Answer("inside.example.com", "10.1.2.3");
    private HttpReceiver _server = null!;
    private Http01SelfCheck _check = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _server = await HttpReceiver.StartAsync();
        _server.AnswerWith(ProxiedAnswer.Of(200, "text/plain", Answer));
        _check = Check(_server.Address.Port, "127.0.0.0/8");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _check.Dispose();
        await _server.DisposeAsync();
    }

    [TestCase(Answer)]
    [TestCase(Answer + "\r\n \t")]
    public async Task The_answer_is_seen(string body)
    {
        _server.AnswerWith(ProxiedAnswer.Of(200, "application/octet-stream", body));
        Assert.That(await LookAsync(), Is.Null);
        var request = _server.Requests.Single();
        Assert.That(request.ToString(), Is.EqualTo($"GET /.well-known/acme-challenge/{Token}"));
        Assert.That(request.Headers.First(h => h.Key == "Host").Value, Is.EqualTo($"{Host}:{_server.Address.Port}"));
        Assert.That(request.Headers.Select(h => h.Key), Does.Not.Contain("Cookie").And.Not.Contain("Authorization"));
    }

    [Test]
    public async Task An_address_is_asked_without_a_name()
    {
        Assert.That(await _check.FindObstacleAsync("127.0.0.1", Token, Answer, CancellationToken.None), Is.Null);
        Assert.That(_resolver.Asked, Is.Empty);
    }

    [TestCase(200, "something else", "answers something else")]
    [TestCase(200, "", "answers something else")]
    [TestCase(200, " " + Answer, "answers something else")]
    [TestCase(404, Answer, "answers 404")]
    [TestCase(204, "", "answers 204")]
    [TestCase(503, "secret page", "answers 503")]
    public async Task Another_answer_is_an_obstacle_and_what_it_says_is_not_told(int status, string body, string expected)
    {
        _server.AnswerWith(ProxiedAnswer.Of(status, "text/plain", body));
        var obstacle = await LookAsync();
        Assert.That(obstacle!.Message, Does.Contain(expected).And.Contain($"http://{Host}").And.Not.Contain("secret page").And.EndWith("."));
        Assert.That(obstacle.Reason, Is.EqualTo(ChallengeReasons.SelfCheckFailed));
        Assert.That(obstacle.Unseen, Is.False);
    }

    [Test]
    public async Task A_huge_answer_is_not_read_to_its_end()
    {
        _server.AnswerWith(ProxiedAnswer.Of(200, "text/plain", Answer + new string(' ', 50_000_000)));
        Assert.That((await LookAsync())!.Message, Does.Contain("answers something else"));
    }

    [Test]
    public async Task A_huge_header_is_no_answer()
    {
        _server.AnswerWith(ProxiedAnswer.Of(200, "text/plain", Answer, ("X-Filler", new string('a', 100_000))));
        Assert.That((await LookAsync())!.Message, Does.Contain("does not answer in HTTP"));
    }

    [Test]
    public async Task A_server_that_hangs_up_is_told()
    {
        _server.AnswerWith(ProxiedAnswer.Dropped);
        var obstacle = await LookAsync();
        Assert.That(obstacle!.Message, Does.Contain("takes connections"));
        Assert.That(obstacle.Unseen, Is.False);
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_not_waited_for_for_ever_and_nothing_is_seen_of_it()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var over = new TaskCompletionSource<ProxiedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Answer = _ =>
        {
            asked.SetResult();
            return over.Task;
        };
        var look = LookAsync();
        await asked.Task;
        _time.Advance(Http01SelfCheck.LookTimeout);
        var obstacle = await look;
        over.SetResult(ProxiedAnswer.Dropped);
        Assert.That(obstacle!.Message, Does.Contain("did not answer within 20 s"));
        Assert.That(obstacle.Unseen, Is.True);
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(303)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_is_followed_to_another_host(int status)
    {
        await using var other = await HttpReceiver.StartAsync();
        using var check = Check(other.Address.Port, "127.0.0.0/8");
        var first = true;
        other.Answer = request =>
        {
            var answer = first
                ? ProxiedAnswer.Of(status, "text/plain", "", ("Location", $"http://cdn.example.com:{other.Address.Port}/moved?a=b"))
                : ProxiedAnswer.Of(200, "text/plain", Answer);
            first = false;
            return Task.FromResult(answer);
        };
        Assert.That(await check.FindObstacleAsync(Host, Token, Answer, CancellationToken.None), Is.Null);
        Assert.That(other.Requests.Select(r => r.Target), Is.EqualTo(new[] { $"/.well-known/acme-challenge/{Token}", "/moved?a=b" }));
        Assert.That(_resolver.Asked, Is.EqualTo(new[] { Host, "cdn.example.com" }));
    }

    [Test]
    public async Task A_redirect_to_https_is_followed_whatever_certificate_is_there()
    {
        using var authority = TestAuthority.CreateRoot(TimeProvider.System);
        using var leaf = authority.Issue(new LeafRequest("somebody.else"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var check = Check(port, "127.0.0.0/8");
        var look = check.FindObstacleAsync(Host, Token, Answer, CancellationToken.None);

        using (var plain = await listener.AcceptTcpClientAsync())
        {
            await AnswerAsync(plain.GetStream(), $"HTTP/1.1 301 Moved\r\nLocation: https://{Host}:{port}/a\r\nContent-Length: 0\r\n\r\n");
        }

        using var client = await listener.AcceptTcpClientAsync();
        await using var secure = new SslStream(client.GetStream());
        await secure.AuthenticateAsServerAsync(leaf.ServerSide().Certificate);
        await AnswerAsync(secure, $"HTTP/1.1 200 OK\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}");

        Assert.That(await look, Is.Null);
    }

    [TestCase("https://www.example.com:8443/a", "https://www.example.com:8443, and CAs follow")]
    [TestCase("ftp://www.example.com/a", "ftp://www.example.com, and CAs follow")]
    [TestCase("http://user:password@www.example.com:25/a", "http://www.example.com:25, and CAs follow")]
    [TestCase("javascript:alert(1)", "to nowhere")]
    [TestCase(null, "to nowhere")]
    public async Task A_redirect_that_no_CA_follows_is_named(string? location, string expected)
    {
        _server.AnswerWith(ProxiedAnswer.Of(302, "text/plain", "", location is null ? [] : [("Location", location)]));
        var obstacle = await LookAsync();
        Assert.That(obstacle!.Message, Does.Contain(expected).And.Not.Contain("password"));
        Assert.That(obstacle.Unseen, Is.False);
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_circle_of_redirects_ends()
    {
        _server.AnswerWith(ProxiedAnswer.Of(302, "text/plain", "", ("Location", "again")));
        Assert.That((await LookAsync())!.Message, Does.Contain("more than 10 times"));
        Assert.That(_server.Requests, Has.Count.EqualTo(11));
    }

    [TestCase("http://169.254.169.254/latest/meta-data", "169.254.169.254")]
    [TestCase("http://inside.example.com/", "inside.example.com resolves to 10.1.2.3")]
    [TestCase("http://[::1]/", "::1")]
    public async Task A_redirect_to_where_the_operator_must_not_go_is_refused(string location, string expected)
    {
        _server.AnswerWith(ProxiedAnswer.Of(302, "text/plain", "", ("Location", location)));
        var obstacle = await LookAsync();
        Assert.That(obstacle!.Message, Does.Contain(expected).And.Contain("not dialled"));
        Assert.That(obstacle.Unseen, Is.True);
    }

    [Test]
    public async Task A_host_on_loopback_is_refused_unless_it_is_allowed()
    {
        using var strict = Check(_server.Address.Port, null);
        var obstacle = await strict.FindObstacleAsync(Host, Token, Answer, CancellationToken.None);
        Assert.That(obstacle!.Message, Does.Contain($"{Host} resolves to 127.0.0.1").And.Contain("--egress-allow"));
        Assert.That(obstacle.Unseen, Is.True);
        Assert.That(_server.Requests, Is.Empty);
    }

    [Test]
    public async Task A_host_that_cannot_be_reached_from_here_is_not_seen()
    {
        using var check = Check(FreePort.Next(), "127.0.0.0/8");
        var refused = await check.FindObstacleAsync(Host, Token, Answer, CancellationToken.None);
        var unknown = await check.FindObstacleAsync("unknown.example.com", Token, Answer, CancellationToken.None);
        Assert.That(refused!.Message, Does.Contain("ConnectionRefused"));
        Assert.That(unknown!.Message, Does.Contain("does not resolve"));
        Assert.That(new[] { refused.Unseen, unknown.Unseen }, Is.All.True);
    }

    [Test]
    public void Who_asks_may_stop_asking()
    {
        using var stop = new CancellationTokenSource();
        _server.Answer = async _ =>
        {
            await stop.CancelAsync();
            return ProxiedAnswer.Dropped;
        };
        Assert.That(() => _check.FindObstacleAsync(Host, Token, Answer, stop.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private Task<ChallengeObstacle?> LookAsync() => _check.FindObstacleAsync(Host, Token, Answer, CancellationToken.None);

    private static async Task AnswerAsync(Stream stream, string answer)
    {
        await stream.ReadAtLeastAsync(new byte[4096], 1);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
    }

    private Http01SelfCheck Check(int port, string? allowed)
        => new(new EgressDialer(new EgressPolicy(allowed is null ? [] : [IPNetwork.Parse(allowed)]), _resolver, TimeProvider.System), port, _time);
}
