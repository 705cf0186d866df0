using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Life;

/// <summary>Two namespaces with far more policies of one domain than its budget allows.</summary>
public sealed class SharedBudgetTests : ClusterTest
{
    private const int PoliciesEach = 150;
    private const int Limit = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Test]
    public async Task Fifty_of_three_hundred_are_issued_half_for_each_namespace_and_the_rest_wait_over_a_restart()
    {
        string other = await Cluster.ControlPlane.CreateNamespaceAsync();
        string[] both = [Cluster.Namespace, other];
        string domain = $"{Cluster.Namespace}.net";
        foreach (string one in both)
        {
            await Cluster.Settings.CreateAsync(
                new CertificateRenewalSettings
                {
                    Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = one },
                    Spec = new SettingsSpec { Budgets = new BudgetsConfig { CertificatesPerDomain = new Budget { Limit = Limit, WindowSeconds = 604800 } } },
                },
                CancellationToken.None);
        }

        await Parallel.ForEachAsync(both.SelectMany(n => Enumerable.Range(0, PoliciesEach).Select(i => (n, i))), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (at, ct) =>
        {
            CertificateRenewalPolicy policy = new PolicyBuilder(Cluster, $"p{at.i}").With(s => s with { Hostname = $"p{at.i}.{at.n}.{domain}" }).Build();
            policy.Metadata.Namespace = at.n;
            await Cluster.Policies.CreateAsync(policy, ct);
        });

        var settings = new OperatorSettings { FurtherNamespaces = [other] };
        OperatorUnderTest first = await Cluster.StartOperatorAsync(settings);
        await SettleAsync(both);
        await first.KillAsync();
        await Cluster.StartOperatorAsync(settings);
        IReadOnlyList<CertificateRenewalPolicy> settled = await SettleAsync(both);

        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(Limit));
        Assert.That(settled.Where(p => p.Is("Ready")).CountBy(p => p.Metadata.Namespace!).Select(c => c.Value), Has.All.InRange((Limit / 2) - 2, (Limit / 2) + 2));
        CertificateRenewalPolicy[] waiting = [.. settled.Where(p => !p.Is("Ready"))];
        Assert.That(waiting, Has.Length.EqualTo((2 * PoliciesEach) - Limit));
        Assert.That(waiting.Where(p => p.Status!.Incident is not null || p.Status.ConsecutiveFailures > 0), Is.Empty, "waiting is no failure");
        await foreach (CertificateRenewalRun run in Cluster.Runs.ListAsync(new ListOptions { Namespace = other }, CancellationToken.None))
        {
            Assert.That(run.Status?.Phase, Is.EqualTo(RunPhase.Succeeded), run.Metadata.Name);
        }
    }

    private async Task<IReadOnlyList<CertificateRenewalPolicy>> SettleAsync(string[] namespaces)
    {
        List<CertificateRenewalPolicy> all = [];
        await Eventually.TrueAsync(
            async ct =>
            {
                all.Clear();
                foreach (string one in namespaces)
                {
                    await foreach (CertificateRenewalPolicy policy in Cluster.Policies.ListAsync(new ListOptions { Namespace = one }, ct))
                    {
                        all.Add(policy);
                    }
                }

                return all.Count(p => p.Is("Ready")) == Limit
                    && all.Count(p => p.Condition("Reconciling") is { Status: "True", Message: var m } && m.Contains("next one is free", StringComparison.Ordinal)) == all.Count - Limit;
            },
            Patience,
            $"{Limit} policies to be ready and the others to wait");
        return all;
    }
}
