using System.Collections.Concurrent;
using System.Globalization;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>RFC 9773, where the CA says when to renew.</summary>
public sealed class RenewalInformationTests : ProxiedPoliciesTest
{
    private readonly ConcurrentDictionary<string, int> _asked = new();

    [Test]
    public async Task A_window_in_the_past_renews_once_whatever_the_next_certificate_is_told()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ProxiedPolicy first = await AnsweringAsync("first", asked => asked == 1 ? Window(now.AddHours(-2), now.AddHours(-1)) : Window(now.AddDays(60), now.AddDays(61)));
        ProxiedPolicy always = await AnsweringAsync("always", _ => Window(now.AddHours(-2), now.AddHours(-1)));
        ProxiedPolicy moving = await AnsweringAsync("moving", _ => Window(TimeProvider.System.GetUtcNow().AddSeconds(-20), TimeProvider.System.GetUtcNow().AddSeconds(-10)));
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();

        using (Assert.EnterMultipleScope())
        {
            foreach (ProxiedPolicy policy in new[] { first, always, moving })
            {
                await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
                CertificateRenewalPolicy ready = await Cluster.WaitForPolicyAsync(
                    policy.Name,
                    p => p.Status is { Phase: PolicyPhase.Idle, RenewalTime: { } time } && time > now.AddDays(1),
                    "to plan the next renewal for later");
                Assert.That(ready.Is("Ready"), policy.Name);
                Assert.That(ready.Is("Stalled"), Is.False, $"{policy.Name}: {ready.Condition("Stalled")?.Message}");
                Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(2), policy.Name);
                Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(2), policy.Name);
                Assert.That(_asked[policy.Name], Is.EqualTo(2), policy.Name);
            }
        }
    }

    [Test]
    public async Task A_renewal_that_is_due_waits_for_a_window_of_the_policy_and_a_request_does_not()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ProxiedPolicy policy = await AnsweringAsync("www", _ => Window(now.AddHours(-2), now.AddHours(-1)));
        string inTwentyDays = now.AddDays(20).ToString("'0 0' d M '*'", CultureInfo.InvariantCulture);
        policy.Builder.With(s => s with { Windows = [new WindowSpec { Schedule = inTwentyDays, DurationSeconds = 3600, TimeZone = "Europe/Berlin" }] });
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        await WaitForWindowAsync();

        await Cluster.RequestRenewalAsync(policy.Name, "now");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await WaitForWindowAsync();
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(2));

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { Windows = [new WindowSpec { Schedule = "0 0 * * *", DurationSeconds = 2 * 86400 }] });
        CertificateRenewalRun third = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 3))[2];
        Assert.That(third.Spec.Trigger, Is.EqualTo(RunTrigger.Scheduled));

        Task WaitForWindowAsync() => Cluster.WaitForPolicyAsync(
            policy.Name,
            p => p.Status is { Phase: PolicyPhase.Idle, RenewalSource: "Ari", RenewalTime: { } time } && time > now.AddDays(18) && time < now.AddDays(21),
            "to wait for its window");
    }

    [Test]
    public async Task A_window_in_the_future_moves_the_renewal_and_the_CA_is_asked_again_when_it_wants_to_be()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ProxiedPolicy soon = await AnsweringAsync("soon", _ => Window(now.AddDays(1), now.AddDays(2)).WithHeader("Retry-After", "7200"));
        ProxiedPolicy byDate = await AnsweringAsync("by-date", _ => Window(now.AddDays(1), now.AddDays(2)).WithHeader("Retry-After", now.AddHours(3).ToString("R", CultureInfo.InvariantCulture)));
        ProxiedPolicy late = await AnsweringAsync("late", _ => Window(now.AddDays(88), now.AddDays(89)));
        ProxiedPolicy backwards = await AnsweringAsync("backwards", _ => Window(now.AddDays(2), now.AddDays(1)));
        ProxiedPolicy broken = await AnsweringAsync("broken", _ => ProxiedAnswer.Of(500, "text/html", "<h1>Oops</h1>"));
        ProxiedPolicy unasked = (await AnsweringAsync("unasked", _ => Window(now.AddDays(1), now.AddDays(2)))).WithAcme(a => a with { UseAri = false });
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();

        using (Assert.EnterMultipleScope())
        {
            foreach (ProxiedPolicy policy in Policies)
            {
                CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
                bool moved = policy == soon || policy == byDate;
                Assert.That(ready.Is("Stalled"), Is.False, $"{policy.Name}: {ready.Condition("Stalled")?.Message}");
                Assert.That(ready.Status!.RenewalSource, Is.EqualTo(moved ? "Ari" : "LastThird"), policy.Name);
                Assert.That(ready.Status.RenewalTime, moved ? Is.InRange(now.AddDays(1).AddSeconds(-1), now.AddDays(2)) : Is.GreaterThan(now.AddDays(50)), policy.Name);
                Assert.That(_asked[policy.Name], Is.EqualTo(policy == unasked ? 0 : 1), policy.Name);
                AssertIssuedOnce(policy);
            }

            Assert.That(await NextPollAsync(soon), Is.InRange(now.AddHours(2), now.AddHours(2.1)));
            Assert.That(await NextPollAsync(byDate), Is.InRange(now.AddHours(3).AddSeconds(-2), now.AddHours(3.1)));
            Assert.That(await NextPollAsync(unasked), Is.Null);
        }
    }

    /// <summary>A policy at a CA that offers renewal information, which the Pebbles of some distributions do not.</summary>
    /// <param name="name">Of the policy.</param>
    /// <param name="answer">From the number of certificates asked about so far, this one included.</param>
    private async Task<ProxiedPolicy> AnsweringAsync(string name, Func<int, ProxiedAnswer> answer)
    {
        ProxiedPolicy policy = await PolicyAsync(name);
        var certificates = new ConcurrentDictionary<string, bool>();
        _asked[name] = 0;
        RenewalInformation.Offer(policy.Acme, request =>
        {
            certificates[request.Http.Path] = true;
            _asked.AddOrUpdate(name, 1, (_, count) => count + 1);
            return answer(certificates.Count);
        });
        return policy;
    }

    private async Task<DateTimeOffset?> NextPollAsync(ProxiedPolicy policy) =>
        (await Cluster.Policies.GetAsync(Cluster.Name(policy.Name), CancellationToken.None)).Status!.RenewalInfo?.NextPoll;

    private static ProxiedAnswer Window(DateTimeOffset start, DateTimeOffset end) => RenewalInformation.Window(start, end);
}
