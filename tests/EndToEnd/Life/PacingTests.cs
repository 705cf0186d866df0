using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Life;

/// <summary>Runs wait for a cooldown, a budget or a CA that asked for patience; none of them fails.</summary>
public sealed class PacingTests : ClusterTest
{
    [Test]
    public async Task A_second_certificate_for_a_hostname_waits_for_the_cooldown_where_it_can_be_seen()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster).With(s => s with { CooldownSeconds = null });
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy first = await Cluster.WaitUntilReadyAsync(policy.Name);
        DateTimeOffset earliest = first.Status!.RecentIssuances![^1] + TimeSpan.FromHours(1);

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        var twin = new PolicyBuilder(Cluster, "twin").With(s => s with { Hostname = policy.Hostname, CooldownSeconds = null });
        await Cluster.CreateAsync(twin);
        foreach (string name in new[] { policy.Name, twin.Name })
        {
            CertificateRenewalRun waiting = await WaitForRunAsync(name, r => r.Status is { Phase: RunPhase.Queued, Reason: "Cooldown" });
            Assert.That(waiting.Status!.RetryAt, Is.EqualTo(earliest).Within(TimeSpan.FromSeconds(1)), name);
            Assert.That(waiting.Status.Message, Does.Contain("spec.cooldownSeconds"), name);
        }

        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Reconciling") is { Status: "True", Message: var m } && m.Contains("is queued", StringComparison.Ordinal), "to say that the run waits");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));

        // No cooldown any more: both go on by themselves.
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { CooldownSeconds = 0 });
        await Cluster.ChangeAsync(twin.Name, p => p.Spec = p.Spec with { CooldownSeconds = 0 });
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(twin.Name);
    }

    [Test]
    public async Task A_run_that_waits_for_the_cooldown_does_not_keep_a_lost_Secret_lost()
    {
        await Cluster.StartOperatorAsync(new OperatorSettings { Flags = ["--secret-check-interval", "10s"] });
        var policy = new PolicyBuilder(Cluster).With(s => s with { CooldownSeconds = 3600 });
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        await Cluster.RequestRenewalAsync(policy.Name, "again");
        await WaitForRunAsync(policy.Name, r => r.Status is { Phase: RunPhase.Queued, Reason: "Cooldown" });

        await Cluster.Secrets.DeleteAsync(Cluster.Name(policy.SecretName), null, CancellationToken.None);

        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 2, TimeSpan.FromMinutes(2)))[1];
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Not.Null);
    }

    [Test]
    public async Task A_changed_request_does_not_wait_for_the_cooldown()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster).With(s => s with { CooldownSeconds = 3600 });
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { AdditionalNames = ["more." + policy.Hostname] });
        Assert.That((await Cluster.WaitForFinishedRunsAsync(policy.Name, 2))[1].Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
    }

    [Test]
    public async Task Beyond_a_budget_policies_wait_with_a_reason_and_a_time_and_a_restart_forgets_nothing()
    {
        const int Policies = 24;
        const int Limit = 5;
        await Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = Cluster.Namespace },
                Spec = new SettingsSpec { Budgets = new BudgetsConfig { CertificatesPerDomain = new Budget { Limit = Limit, WindowSeconds = 604800 } } },
            },
            CancellationToken.None);
        string domain = $"{Cluster.Namespace}.net";
        PolicyBuilder[] all = [.. Enumerable.Range(0, Policies).Select(i => new PolicyBuilder(Cluster, $"p{i}").With(s => s with { Hostname = $"p{i}.{domain}" }))];
        await Task.WhenAll(all.Select(p => Cluster.CreateAsync(p)));

        OperatorUnderTest first = await Cluster.StartOperatorAsync();
        await SettleAsync(all, Limit);
        await first.KillAsync();
        await Cluster.StartOperatorAsync();
        var elsewhere = new PolicyBuilder(Cluster, "elsewhere").With(s => s with { Hostname = $"www.{Cluster.Namespace}.org" });
        await Cluster.CreateAsync(elsewhere);
        await Cluster.WaitUntilReadyAsync(elsewhere.Name);

        IReadOnlyList<CertificateRenewalPolicy> settled = await SettleAsync(all, Limit);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(Limit + 1));
        foreach (CertificateRenewalPolicy waiting in settled.Where(p => !p.Is("Ready")))
        {
            Assert.That(waiting.Condition("Reconciling")!.Message, Does.Contain($"The budget of {Limit} certificates for {domain} in 7 days is used up; the next one is free at"), waiting.Metadata.Name);
            Assert.That(waiting.Status!.ConsecutiveFailures ?? 0, Is.Zero, waiting.Metadata.Name);
            Assert.That(await Cluster.RunsOfAsync(waiting.Metadata.Name), Is.Empty, waiting.Metadata.Name);
        }
    }

    [Test]
    public async Task A_CA_that_asks_for_patience_is_left_alone_by_all_policies_of_the_account()
    {
        await Cluster.StartOperatorAsync();
        var warm = new PolicyBuilder(Cluster, "warm");
        await Cluster.CreateAsync(warm);
        await Cluster.WaitUntilReadyAsync(warm.Name);
        int refused = 0;
        Cluster.Acme.Hooks.Before = request =>
        {
            if (request.Kind != AcmeRequestKind.NewOrder)
            {
                return Task.FromResult<ProxiedAnswer?>(null);
            }

            Interlocked.Increment(ref refused);
            return Task.FromResult<ProxiedAnswer?>(ProxiedAnswer.Problem(429, "rateLimited", "Too many.", ("Retry-After", "1800")));
        };
        var first = new PolicyBuilder(Cluster, "first");
        await Cluster.CreateAsync(first);
        await Cluster.WaitForFinishedRunsAsync(first.Name);

        var second = new PolicyBuilder(Cluster, "second");
        await Cluster.CreateAsync(second);
        CertificateRenewalPolicy waits = await Cluster.WaitForPolicyAsync(second.Name, p => p.Condition("Reconciling") is { Status: "True", Reason: "BackingOff" }, "to wait");
        Assert.That(waits.Condition("Reconciling")!.Message, Does.Contain("asked this ACME account to wait"));
        Assert.That(refused, Is.EqualTo(1));
        Assert.That(await Cluster.RunsOfAsync(second.Name), Is.Empty);
    }

    private async Task<IReadOnlyList<CertificateRenewalPolicy>> SettleAsync(PolicyBuilder[] all, int ready)
    {
        CertificateRenewalPolicy[] settled = [];
        await Eventually.TrueAsync(
            async ct =>
            {
                settled = await Task.WhenAll(all.Select(p => Cluster.Policies.GetAsync(Cluster.Name(p.Name), ct)));
                return settled.Count(p => p.Is("Ready")) == ready
                    && settled.Count(p => p.Condition("Reconciling") is { Status: "True", Message: var m } && m.Contains("next one is free", StringComparison.Ordinal)) == all.Length - ready;
            },
            Deadlines.Run,
            $"{ready} of {all.Length} policies to be ready and the others to wait");
        return settled;
    }

    private Task<CertificateRenewalRun> WaitForRunAsync(string policy, Func<CertificateRenewalRun, bool> fits) =>
        Eventually.GetAsync(async _ => (await Cluster.RunsOfAsync(policy))[^1], fits, Deadlines.Run, $"a run of {policy}");
}
