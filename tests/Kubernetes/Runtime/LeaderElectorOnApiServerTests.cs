using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>With a short lease, so that the test does not wait for the real one; the proportions are the same.</summary>
[Category("Component")]
[CancelAfter(240_000)]
public sealed class LeaderElectorOnApiServerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    [Test]
    public async Task When_the_leader_is_cut_off_it_stops_before_the_other_leads()
    {
        ControlPlane controlPlane = await SharedControlPlane.GetAsync();
        string ns = await controlPlane.CreateNamespaceAsync(Ct);
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        var leases = client.Resource(CoreResources.Leases);
        await using var gate = new GatedResource<Lease>(leases);
        await using var first = new Elector("first", gate, ns);
        await using var second = new Elector("second", leases, ns);
        first.Start();
        await first.LeadsAsync();
        second.Start();

        gate.Close();
        await second.LeadsAsync();

        Assert.That(first.IsAtWork, Is.False);
        Assert.That(first.IsLeader, Is.False);
        Lease lease = await leases.GetAsync(new NamespacedName(ns, "lease"), Ct);
        Assert.That((lease.Spec.HolderIdentity, lease.Spec.LeaseTransitions), Is.EqualTo(("second", 1)));
    }

    [Test]
    public async Task A_leader_that_is_asked_to_end_gives_the_lease_back_so_that_the_other_leads_at_once()
    {
        ControlPlane controlPlane = await SharedControlPlane.GetAsync();
        string ns = await controlPlane.CreateNamespaceAsync(Ct);
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        var leases = client.Resource(CoreResources.Leases);
        await using var first = new Elector("first", leases, ns);
        await using var second = new Elector("second", leases, ns);
        first.Start();
        await first.LeadsAsync();

        await first.StopAsync();
        Lease released = await leases.GetAsync(new NamespacedName(ns, "lease"), Ct);
        second.Start();
        await second.LeadsAsync();

        Assert.That(released.Spec.HolderIdentity, Is.Null.Or.Empty);
        Assert.That(released.Spec.LeaseDurationSeconds, Is.EqualTo(1));
        Lease taken = await leases.GetAsync(new NamespacedName(ns, "lease"), Ct);
        Assert.That((taken.Spec.HolderIdentity, taken.Spec.LeaseTransitions), Is.EqualTo(("second", 1)));
    }

    [Test]
    public async Task Of_many_candidates_that_start_together_one_leads()
    {
        ControlPlane controlPlane = await SharedControlPlane.GetAsync();
        string ns = await controlPlane.CreateNamespaceAsync(Ct);
        using KubernetesClient client = ApiServer.Connect(controlPlane);
        var leases = client.Resource(CoreResources.Leases);
        Elector[] electors = [.. Enumerable.Range(0, 8).Select(i => new Elector($"{i}", leases, ns))];
        foreach (Elector elector in electors)
        {
            elector.Start();
        }

        await Task.WhenAny(electors.Select(e => e.LeadsAsync()));
        string leader = electors.Single(e => e.IsAtWork).Name;
        await Eventually.TrueAsync(() => electors.All(e => e.CurrentLeader == leader), Deadline, "everyone to know the leader", Ct);

        Assert.That(electors.Count(e => e.IsLeader), Is.EqualTo(1));
        foreach (Elector elector in electors)
        {
            await elector.DisposeAsync();
        }
    }

    private sealed class Elector(string name, IResourceClient<Lease> leases, string ns) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _leads = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly LeaderElector _elector = new(
            leases,
            new LeaderElectionOptions
            {
                LeaseName = "lease",
                Namespace = ns,
                Identity = name,
                LeaseDuration = TimeSpan.FromSeconds(6),
                RenewDeadline = TimeSpan.FromSeconds(4),
                RetryPeriod = TimeSpan.FromMilliseconds(500),
            },
            TimeProvider.System,
            ApiServer.NewRandom(),
            new RecordingLogger());

        private volatile bool _isAtWork;
        private Task _run = Task.CompletedTask;

        public string Name => name;

        public bool IsAtWork => _isAtWork;

        public bool IsLeader => _elector.IsLeader;

        public string? CurrentLeader => _elector.CurrentLeader;

        public void Start() => _run = _elector.RunAsync(LeadAsync, _stop.Token);

        public Task LeadsAsync() => _leads.Task.WaitAsync(Deadline, TimeProvider.System, Ct);

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _run;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        private async Task LeadAsync(LeadershipTerm term)
        {
            _isAtWork = true;
            _leads.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, term.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _isAtWork = false;
        }
    }
}
