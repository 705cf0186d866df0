using System.Globalization;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class RetryAfterTests : ProxiedPoliciesTest
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private static readonly (AcmeRequestKind Kind, int Status, bool AsDate)[] Cases =
    [
        (AcmeRequestKind.Directory, 503, false),
        (AcmeRequestKind.NewNonce, 503, true),
        (AcmeRequestKind.NewAccount, 429, false),
        (AcmeRequestKind.NewAccount, 503, true),
        (AcmeRequestKind.NewOrder, 429, true),
        (AcmeRequestKind.NewOrder, 503, false),
        (AcmeRequestKind.Authorization, 429, false),
        (AcmeRequestKind.Challenge, 429, false),
        (AcmeRequestKind.Challenge, 503, true),
        (AcmeRequestKind.Order, 429, true),
        (AcmeRequestKind.Order, 503, false),
        (AcmeRequestKind.Finalize, 429, true),
        (AcmeRequestKind.Finalize, 503, false),
        (AcmeRequestKind.Certificate, 503, false),
    ];

    [Test]
    public async Task A_short_wait_that_the_CA_asks_for_is_kept_and_the_run_goes_on()
    {
        var all = new List<(ProxiedPolicy Policy, Refusals Refused)>();
        foreach ((AcmeRequestKind kind, int status, bool asDate) in Cases)
        {
            ProxiedPolicy policy = await PolicyAsync(NameOf(kind, status, asDate));
            all.Add((policy, Refusals.Install(policy.Acme, kind, 1, now => Refuse(status, Ask(now, Short, asDate)))));
        }

        await Cluster.StartOperatorAsync();
        await CreateAllAsync();

        using (Assert.EnterMultipleScope())
        {
            foreach ((ProxiedPolicy policy, Refusals refused) in all)
            {
                CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);
                Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), $"{policy.Name}: {run.Status.Message}");
                AssertIssuedOnce(policy);
                Assert.That(refused.Arrivals, Has.Count.AtLeast(2), policy.Name);
                Assert.That(refused.Arrivals[1] - refused.Arrivals[0], Is.GreaterThanOrEqualTo(Short), policy.Name);
            }
        }
    }

    [Test]
    public async Task A_wait_of_an_hour_ends_the_run_and_the_policy_keeps_it_also_over_a_restart()
    {
        var all = new List<(ProxiedPolicy Policy, Refusals Refused)>();
        foreach ((AcmeRequestKind kind, int status, bool asDate) in Cases.Where(c => c.Kind is not (AcmeRequestKind.Directory or AcmeRequestKind.NewNonce)))
        {
            ProxiedPolicy policy = await PolicyAsync(NameOf(kind, status, asDate));
            all.Add((policy, Refusals.Install(policy.Acme, kind, int.MaxValue, now => Refuse(status, Ask(now, Long, asDate)))));
        }

        OperatorUnderTest first = await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        foreach ((ProxiedPolicy policy, _) in all)
        {
            await WaitUntilFailedAsync(policy);
        }

        int[] before = [.. all.Select(a => a.Policy.Acme.Exchanges.Count)];
        await first.TerminateAsync();
        await Cluster.StartOperatorAsync();
        var healthy = new PolicyBuilder(Cluster, "healthy");
        await Cluster.CreateAsync(healthy);
        await Cluster.WaitUntilReadyAsync(healthy.Name);

        using (Assert.EnterMultipleScope())
        {
            foreach ((ProxiedPolicy policy, Refusals refused) in all)
            {
                CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);
                CertificateRenewalPolicy reported = await WaitUntilFailedAsync(policy);
                // Times are stored in whole milliseconds: what is cut off is less than one.
                DateTimeOffset earliest = refused.Arrivals[0] + Long - TimeSpan.FromMilliseconds(1);
                Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed), policy.Name);
                Assert.That(run.Status.RetryAt, Is.GreaterThanOrEqualTo(earliest), $"{policy.Name}: {run.Status.Message}");
                Assert.That(reported.Status!.NextAttemptTime, Is.GreaterThanOrEqualTo(earliest), policy.Name);
                Assert.That(reported.Condition("Reconciling")?.Reason, Is.EqualTo("BackingOff"), policy.Name);
                Assert.That(reported.Condition("Ready")?.Message, Does.Contain("127.0.0.1"), policy.Name);
                Assert.That(refused.Arrivals, Has.Count.EqualTo(1), policy.Name);
            }
        }

        Assert.That(all.Select(a => a.Policy.Acme.Exchanges.Count), Is.EqualTo(before), "requests after the restart");
    }

    private static string NameOf(AcmeRequestKind kind, int status, bool asDate) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToLowerInvariant()}-{status}-{(asDate ? "date" : "seconds")}");

    // A date has whole seconds: the second that is cut off is added.
    private static string Ask(DateTimeOffset now, TimeSpan wait, bool asDate) => asDate
        ? (now + wait + TimeSpan.FromSeconds(1)).ToString("R", CultureInfo.InvariantCulture)
        : ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    // A 429 says why; a 503 often comes from a machine in front of the CA that has never heard of ACME.
    private static ProxiedAnswer Refuse(int status, string retryAfter) => status == 429
        ? ProxiedAnswer.Problem(status, "rateLimited", "Too many of these.", ("Retry-After", retryAfter))
        : ProxiedAnswer.Of(status, "text/html", "<h1>Service unavailable</h1>", ("Retry-After", retryAfter));
}
