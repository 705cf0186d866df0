using System.Text;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Survival;

/// <summary>The operator is killed at every step boundary and in the middle of steps: the run goes on where it was.</summary>
public sealed class KilledRunTests : ClusterTest
{
    private static IEnumerable<TestCaseData> FirstIssuance() => KillPoints.OfFirstIssuance().Select(Case);

    private static IEnumerable<TestCaseData> Renewal() => KillPoints.OfRenewal().Select(Case);

    // A challenge that was answered is asked for at any time, also while the operator is dead: that is what a second replica is for.
    [SetUp]
    public Task KeepChallengesReachableAsync() => Cluster.StartHttp01ServiceAsync();

    [TestCaseSource(nameof(FirstIssuance))]
    public async Task A_first_run_that_was_killed_ends_well_with_one_order_and_one_certificate(KillPoint point)
    {
        int ordersBefore = Cluster.Pebble.OrdersPlaced;
        int certificatesBefore = Cluster.Pebble.CertificatesIssued;
        await using PairWatcher pairs = await PairWatcher.StartAsync(Cluster);
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        Task killed = point.KillAt(Cluster, victim);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);

        await Cluster.StartOperatorAsync();
        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded }));
        Assert.That(Cluster.Pebble.OrdersPlaced - ordersBefore, Is.EqualTo(1), "orders, by the CA's own account");
        Assert.That(Cluster.Pebble.CertificatesIssued - certificatesBefore, Is.EqualTo(1), "certificates, by the CA's own account");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
        Assert.That(Cluster.Acme.Count(AcmeRequestKind.NewAccount, 201), Is.EqualTo(1), "accounts");
        Assert.That(pairs.Mismatches, Is.Empty);
        Assert.That(pairs.Certificates.Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_that_is_killed_after_each_of_its_requests_to_the_CA_ends_well_all_the_same()
    {
        HashSet<AcmeRequestKind> done = [];
        await using PairWatcher pairs = await PairWatcher.StartAsync(Cluster);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        var fatal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Acme.Hooks.After = async (request, answer) =>
        {
            lock (done)
            {
                if (!done.Add(request.Kind))
                {
                    return answer;
                }
            }

            await Cluster.Operators[^1].KillAsync();
            fatal.TrySetResult();
            return ProxiedAnswer.Dropped;
        };

        Task ready;
        do
        {
            fatal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await Cluster.StartOperatorAsync(new OperatorSettings { WaitUntilReady = false });
            ready = Cluster.WaitUntilReadyAsync(policy.Name);
        }
        while (await Task.WhenAny(fatal.Task, ready) != ready);

        await ready;
        Assert.That(done, Is.SupersetOf(new[] { AcmeRequestKind.NewAccount, AcmeRequestKind.NewOrder, AcmeRequestKind.Authorization, AcmeRequestKind.Challenge, AcmeRequestKind.Order, AcmeRequestKind.Finalize, AcmeRequestKind.Certificate }));
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
        Assert.That(pairs.Mismatches, Is.Empty);
    }

    [TestCaseSource(nameof(Renewal))]
    public async Task A_renewal_that_was_killed_keeps_the_old_pair_until_the_new_one_is_complete(KillPoint point)
    {
        await using PairWatcher pairs = await PairWatcher.StartAsync(Cluster);
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret old = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

        Task killed = point.KillAt(Cluster, victim);
        await Cluster.RequestRenewalAsync(policy.Name, "once");
        await Cluster.ReachedAsync(killed);
        Secret between = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        await Cluster.StartOperatorAsync();
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.Serial == runs[^1].Status!.Certificate!.Serial, "to tell of the second certificate");

        Secret now = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Secret state = (await Cluster.AllSecretsAsync()).Single(s => s.Metadata.Name == $"certoperator-state-{policy.Name}");
        Assert.That(runs.Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded, RunPhase.Succeeded }));
        Assert.That(between.Data!["tls.crt"], point.Name.StartsWith("after the Secret", StringComparison.Ordinal) ? Is.Not.EqualTo(old.Data!["tls.crt"]) : Is.EqualTo(old.Data!["tls.crt"]));
        Assert.That(now.Data!["tls.crt"], Is.Not.EqualTo(old.Data!["tls.crt"]));
        Assert.That(now.Data!["tls.key"], Is.Not.EqualTo(old.Data!["tls.key"]));
        Assert.That(state.Data!["previous.crt"], Is.EqualTo(old.Data!["tls.crt"]));
        Assert.That(Encoding.ASCII.GetString(state.Data!["previous.key"]), Does.StartWith("sealed:v1:"));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(2));
        Assert.That(pairs.Mismatches, Is.Empty);
        Assert.That(pairs.Certificates.Distinct().Count(), Is.EqualTo(2));
    }

    private static TestCaseData Case(KillPoint point) => new TestCaseData(point).SetArgDisplayNames(point.Name);
}
