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

    [TestCase("token-of-prometheus", AccessVerdict.Allowed)]
    [TestCase("token-of-stranger", AccessVerdict.Denied)]
    [TestCase("nobodys-token", AccessVerdict.NotAuthenticated)]
    public async Task The_API_server_says_who_may_read(string token, AccessVerdict expected) =>
        Assert.That(await Access.JudgeAsync(token, CancellationToken.None), Is.EqualTo(expected));

    [Test]
    public async Task It_is_asked_who_this_is_and_then_whether_that_user_may_get_the_metrics()
    {
        await Access.JudgeAsync("token-of-prometheus", CancellationToken.None);

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
        await Access.JudgeAsync(token, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await Access.JudgeAsync(token, CancellationToken.None);

        Assert.That(_cluster.Questions, Has.Count.EqualTo(questions));
    }

    [Test]
    public async Task A_token_that_is_revoked_opens_nothing_after_a_minute()
    {
        await Access.JudgeAsync("token-of-prometheus", CancellationToken.None);
        _cluster.Tokens.Clear();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await Access.JudgeAsync("token-of-prometheus", CancellationToken.None), Is.EqualTo(AccessVerdict.NotAuthenticated));
    }

    [Test]
    public async Task Unknown_tokens_push_out_no_token_that_is_known()
    {
        await Access.JudgeAsync("token-of-prometheus", CancellationToken.None);
        for (var i = 0; i < 1000; i++)
        {
            await Access.JudgeAsync($"guess-{i}", CancellationToken.None);
        }

        _cluster.Questions.Clear();
        await Access.JudgeAsync("token-of-prometheus", CancellationToken.None);
        Assert.That(_cluster.Questions, Is.Empty);
    }

    [Test]
    public async Task An_API_server_that_fails_lets_nobody_in_and_is_asked_again()
    {
        _cluster.Before = _ => throw new KubernetesTransportException("the connection was refused");
        var failed = await Access.JudgeAsync("token-of-prometheus", CancellationToken.None);
        _cluster.Before = _ => Task.CompletedTask;

        Assert.That((failed, await Access.JudgeAsync("token-of-prometheus", CancellationToken.None)), Is.EqualTo((AccessVerdict.Unknown, AccessVerdict.Allowed)));
        Assert.That(_log.Messages, Has.One.Contains("the connection was refused").And.None.Contains("token-of"));
    }

    [Test]
    public async Task An_API_server_that_does_not_answer_is_given_up_after_ten_seconds()
    {
        _cluster.Before = ct => Task.Delay(Timeout.InfiniteTimeSpan, _time, ct);
        var verdict = Access.JudgeAsync("token-of-prometheus", CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        var early = verdict.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.That((early, await verdict), Is.EqualTo((false, AccessVerdict.Unknown)));
    }
}
