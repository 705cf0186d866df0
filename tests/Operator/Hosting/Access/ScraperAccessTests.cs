using System.Net;
using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting.Access;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting.Access;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ScraperAccessTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ReviewingCluster _cluster = new() { Tokens = { ["token-of-prometheus"] = "prometheus", ["token-of-stranger"] = "stranger" }, Scrapers = { "prometheus" } };
    private readonly RecordingLogger<ScraperAccess> _log = new();
    private ScraperAccess? _access;

    private ScraperAccess Access => _access ??= new ScraperAccess(_cluster, _time, _log);

    private static readonly IPAddress Here = IPAddress.Loopback;

    [TestCase("token-of-prometheus", AccessVerdict.Allowed)]
    [TestCase("token-of-stranger", AccessVerdict.Denied)]
    [TestCase("nobodys-token", AccessVerdict.NotAuthenticated)]
    public async Task The_API_server_says_who_may_read(string token, AccessVerdict expected) =>
        Assert.That(await JudgeAsync(token), Is.EqualTo(expected));

    [Test]
    public async Task It_is_asked_who_this_is_and_then_whether_that_user_may_get_the_metrics()
    {
        await JudgeAsync("token-of-prometheus");

        Assert.That(_cluster.Questions, Is.EqualTo(new[]
        {
            """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","metadata":{"name":""},"spec":{"token":"token-of-prometheus"}}""",
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","metadata":{"name":""},"spec":{"nonResourceAttributes":{"path":"/metrics","verb":"get"},"user":"prometheus","uid":"1","groups":["system:authenticated"],"extra":{"pod":["p"]}}}""",
        }));
    }

    [TestCase("token-of-prometheus", 59, 2, TestName = "Within_a_minute_an_allowed_token_costs_nothing")]
    [TestCase("token-of-prometheus", 60, 3, TestName = "After_a_minute_it_is_asked_whose_the_token_is")]
    [TestCase("token-of-prometheus", 300, 4, TestName = "After_five_minutes_it_is_asked_whether_they_may")]
    [TestCase("token-of-stranger", 29, 2, TestName = "Within_half_a_minute_a_denied_token_costs_nothing")]
    [TestCase("token-of-stranger", 30, 3, TestName = "After_half_a_minute_it_is_asked_whether_a_denied_user_may")]
    [TestCase("nobodys-token", 0, 2, TestName = "An_unknown_token_is_asked_for_each_time")]
    public async Task Remembered(string token, int seconds, int questions)
    {
        await JudgeAsync(token);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await JudgeAsync(token);

        Assert.That(_cluster.Questions, Has.Count.EqualTo(questions));
    }

    [Test]
    public async Task A_token_that_is_revoked_opens_nothing_after_a_minute()
    {
        await JudgeAsync("token-of-prometheus");
        _cluster.Tokens.Clear();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await JudgeAsync("token-of-prometheus"), Is.EqualTo(AccessVerdict.NotAuthenticated));
    }

    [Test]
    public async Task Unknown_tokens_push_out_no_token_that_is_known()
    {
        await JudgeAsync("token-of-prometheus");
        for (var i = 0; i < 500; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.1));
            await JudgeAsync($"guess-{i}", new IPAddress([10, 0, (byte)(i / 250), (byte)(i % 250)]));
        }

        Assert.That(_cluster.Questions, Has.Count.EqualTo(502), "all guesses were asked about");
        _cluster.Questions.Clear();
        await JudgeAsync("token-of-prometheus");
        Assert.That(_cluster.Questions, Is.Empty);
    }

    [Test]
    public async Task An_API_server_that_fails_lets_nobody_in_and_is_asked_again()
    {
        _cluster.Before = _ => throw new KubernetesTransportException("the connection was refused");
        var failed = await JudgeAsync("token-of-prometheus");
        _cluster.Before = _ => Task.CompletedTask;

        Assert.That((failed, await JudgeAsync("token-of-prometheus")), Is.EqualTo((AccessVerdict.Unknown, AccessVerdict.Allowed)));
        Assert.That(_log.Messages, Has.One.Contains("the connection was refused").And.None.Contains("token-of"));
    }

    [Test]
    public async Task An_API_server_that_does_not_answer_is_given_up_after_ten_seconds()
    {
        _cluster.Before = ct => Task.Delay(Timeout.InfiniteTimeSpan, _time, ct);
        var verdict = JudgeAsync("token-of-prometheus");
        _time.Advance(TimeSpan.FromSeconds(9.9));
        var early = verdict.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.That((early, await verdict), Is.EqualTo((false, AccessVerdict.Unknown)));
    }

    [Test]
    public async Task A_pod_that_makes_up_tokens_costs_the_API_server_two_questions_a_second()
    {
        var first = await GuessAsync(1000, Here);
        var asked = _cluster.Questions.Count;
        _time.Advance(TimeSpan.FromSeconds(3));
        await GuessAsync(1000, Here);

        Assert.That((asked, _cluster.Questions.Count), Is.EqualTo((10, 16)));
        Assert.That(first.GroupBy(v => v).Select(g => (g.Key, g.Count())), Is.EquivalentTo(new[] { (AccessVerdict.NotAuthenticated, 10), (AccessVerdict.TooMany, 990) }));
    }

    [Test]
    public async Task Many_pods_that_make_up_tokens_cost_it_ten_a_second()
    {
        for (byte i = 0; i < 100; i++)
        {
            await GuessAsync(10, new IPAddress([10, 0, 0, i]));
        }

        var asked = _cluster.Questions.Count;
        _time.Advance(TimeSpan.FromSeconds(1));
        for (byte i = 0; i < 100; i++)
        {
            await GuessAsync(10, new IPAddress([10, 0, 0, i]));
        }

        Assert.That((asked, _cluster.Questions.Count), Is.EqualTo((20, 30)));
    }

    [Test]
    public async Task One_pod_that_makes_up_tokens_leaves_room_for_a_new_scraper_elsewhere()
    {
        for (var second = 0; second < 60; second++)
        {
            await GuessAsync(100, Here);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await GuessAsync(100, Here);
        Assert.That(await JudgeAsync("token-of-prometheus", new IPAddress([10, 0, 0, 9])), Is.EqualTo(AccessVerdict.Allowed));
    }

    [TestCase(1, TestName = "A_scraper_that_is_known_is_not_held_up_by_guesses")]
    [TestCase(60, TestName = "Nor_is_it_when_it_is_time_to_ask_whose_its_token_is")]
    [TestCase(600, TestName = "Nor_when_it_has_not_come_for_ten_minutes")]
    public async Task A_known_scraper_among_guesses(int seconds)
    {
        await JudgeAsync("token-of-prometheus");
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await GuessAsync(1000, Here);

        Assert.That((await JudgeAsync("guess"), await JudgeAsync("token-of-prometheus")), Is.EqualTo((AccessVerdict.TooMany, AccessVerdict.Allowed)));
    }

    [Test]
    public async Task A_token_that_was_revoked_is_a_newcomer_again()
    {
        await JudgeAsync("token-of-prometheus");
        _cluster.Tokens.Clear();
        _time.Advance(TimeSpan.FromMinutes(1));
        await JudgeAsync("token-of-prometheus");
        await GuessAsync(1000, Here);

        Assert.That(await JudgeAsync("token-of-prometheus"), Is.EqualTo(AccessVerdict.TooMany));
    }

    [Test]
    public async Task Scrapes_at_once_with_one_new_token_cost_one_review()
    {
        var answer = new TaskCompletionSource();
        _cluster.Before = _ => answer.Task;
        using var impatient = new CancellationTokenSource();
        var gone = Access.JudgeAsync("token-of-prometheus", Here, impatient.Token);
        var verdicts = Enumerable.Range(0, 40).Select(_ => JudgeAsync("token-of-prometheus")).ToList();
        await impatient.CancelAsync();
        answer.SetResult();

        Assert.That(await Task.WhenAll(verdicts), Is.All.EqualTo(AccessVerdict.Allowed), "although the first one has gone away");
        Assert.That(_cluster.Questions, Has.Count.EqualTo(2), "whose it is, and whether they may");
        Assert.That(async () => await gone, Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("")]
    [TestCase("=")]
    [TestCase("two words")]
    [TestCase("a=b")]
    [TestCase("schl\u00fcssel")]
    [TestCase("{\"json\":1}")]
    public async Task What_cannot_be_a_token_costs_nothing(string token)
    {
        Assert.That(await JudgeAsync(token), Is.EqualTo(AccessVerdict.NotAuthenticated));
        Assert.That(_cluster.Questions, Is.Empty);
    }

    [TestCase(6144, 1)]
    [TestCase(6145, 0)]
    public async Task A_token_may_be_long_and_not_longer(int characters, int questions)
    {
        await JudgeAsync(new string('a', characters));

        Assert.That(_cluster.Questions, Has.Count.EqualTo(questions));
    }

    [TestCase(14, AccessVerdict.Allowed)]
    [TestCase(15, AccessVerdict.Unknown)]
    public async Task A_scraper_that_was_let_in_reads_on_for_a_quarter_of_an_hour_of_an_outage(int minutes, AccessVerdict expected)
    {
        await JudgeAsync("token-of-prometheus");
        _cluster.Before = _ => throw new ServerUnavailableException(HttpStatusCode.InternalServerError, "etcd is away");
        for (var i = 0; i < minutes - 1; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await JudgeAsync("token-of-prometheus");
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That((await JudgeAsync("token-of-prometheus"), await JudgeAsync("token-of-stranger")), Is.EqualTo((expected, AccessVerdict.Unknown)));
        Assert.That(_log.Messages, Has.Some.Contains("they go on: etcd is away"));
    }

    [Test]
    public async Task An_outage_is_noticed_sooner_than_a_scrape_gives_up_and_not_at_each()
    {
        await JudgeAsync("token-of-prometheus");
        _time.Advance(TimeSpan.FromMinutes(1));
        _cluster.Before = ct => Task.Delay(Timeout.InfiniteTimeSpan, _time, ct);
        var scrape = JudgeAsync("token-of-prometheus");
        _time.Advance(TimeSpan.FromSeconds(2));
        var verdict = await scrape;
        var asked = _cluster.Questions.Count;

        Assert.That((verdict, await JudgeAsync("token-of-prometheus")), Is.EqualTo((AccessVerdict.Allowed, AccessVerdict.Allowed)));
        Assert.That(_cluster.Questions, Has.Count.EqualTo(asked));
    }

    [Test]
    public async Task An_operator_that_may_not_ask_lets_nobody_in()
    {
        await JudgeAsync("token-of-prometheus");
        _time.Advance(TimeSpan.FromMinutes(1));
        _cluster.Before = _ => throw new ForbiddenException("tokenreviews is forbidden");

        Assert.That(await JudgeAsync("token-of-prometheus"), Is.EqualTo(AccessVerdict.Unknown));
    }

    [Test]
    public async Task After_an_outage_a_token_that_was_revoked_meanwhile_opens_nothing()
    {
        await JudgeAsync("token-of-prometheus");
        _time.Advance(TimeSpan.FromMinutes(1));
        _cluster.Before = _ => throw new KubernetesTransportException("the connection was refused");
        var during = await JudgeAsync("token-of-prometheus");
        _cluster.Before = _ => Task.CompletedTask;
        _cluster.Tokens.Clear();
        _time.Advance(TimeSpan.FromSeconds(15));

        Assert.That((during, await JudgeAsync("token-of-prometheus")), Is.EqualTo((AccessVerdict.Allowed, AccessVerdict.NotAuthenticated)));
    }

    private Task<AccessVerdict> JudgeAsync(string token, IPAddress? from = null) => Access.JudgeAsync(token, from ?? Here, CancellationToken.None);

    private async Task<List<AccessVerdict>> GuessAsync(int number, IPAddress from)
    {
        var verdicts = new List<AccessVerdict>();
        for (var i = 0; i < number; i++)
        {
            verdicts.Add(await JudgeAsync($"guess-{Guid.NewGuid()}", from));
        }

        return verdicts;
    }
}
