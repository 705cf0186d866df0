using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Operator.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace CertOperator.Operator.Tests.Batches;

/// <summary>A namespace "shop" with policies and batches, and the part of the operator that looks after batches: started, stopped and started anew. Runs end as the test says.</summary>
internal sealed class BatchWorld : IDisposable
{
    private readonly SetClock _clock = new();
    private readonly WorkQueue<NamespacedName> _queue = new(new WorkQueueOptions(), TimeProvider.System, new Random(1));
    private ResourceStores _stores = null!;
    private RunAdmission _admission = null!;
    private BatchReconciler _reconciler = null!;

    public InMemoryCluster Cluster { get; } = new();

    public List<string> Events { get; } = [];

    public DateTimeOffset Now
    {
        get => _clock.Now;
        set => _clock.Now = value;
    }

    /// <summary>Names of the policies whose runs were made, in this order.</summary>
    public IReadOnlyList<string> Made => [.. Cluster.Requests.Where(r => r.StartsWith("create certificaterenewalruns", StringComparison.Ordinal)).Select(r => r.Split('/')[1].Split('-')[0])];

    /// <summary>A new process of the operator, which knows what is stored.</summary>
    public async Task StartAsync()
    {
        _stores = new(new ObjectStore<CertificateRenewalPolicy>(), new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());
        await FillAsync(_stores.Policies, CrdResources.Policies);
        await FillAsync(_stores.Runs, CrdResources.Runs);
        await FillAsync(_stores.Settings, CrdResources.Settings);
        await FillAsync(_stores.Batches, CrdResources.Batches);
        _admission = new RunAdmission(100);
        var gate = new IssuanceGate(_stores);
        var pages = new BatchPages(Cluster);
        var gatherer = new BatchGatherer(_stores, pages, _admission, gate);
        _reconciler = new BatchReconciler(
            gatherer,
            new BatchLauncher(Cluster, gatherer, new RunMaker(Cluster, _stores), _admission, gate, _queue),
            new BatchReporter(Cluster, _stores, pages, new Recorder(Events), NullLogger<BatchReporter>.Instance),
            _clock);
    }

    public async Task CreatePoliciesAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await CreatePolicyAsync("shop", name);
        }
    }

    public async Task CreatePolicyAsync(string ns, string name)
    {
        var policy = A.Policy(A.Spec with { Hostname = $"{name}.example.com", SecretName = $"{name}-tls" });
        (policy.Metadata.Name, policy.Metadata.Namespace) = (name, ns);
        await Cluster.Resource(CrdResources.Policies).CreateAsync(policy, CancellationToken.None);
    }

    public Task DeletePolicyAsync(string name) => Cluster.Resource(CrdResources.Policies).DeleteAsync(new NamespacedName("shop", name), null, CancellationToken.None);

    public async Task CreateBatchAsync(BatchSpec spec, string name = "spring")
    {
        var batch = ABatch.Of(spec);
        batch.Metadata.Name = name;
        _stores.Batches.Observe(await Cluster.Resource(CrdResources.Batches).CreateAsync(batch, CancellationToken.None));
    }

    public async Task DeleteBatchAsync()
    {
        var key = new NamespacedName("shop", "spring");
        var batch = await Cluster.Resource(CrdResources.Batches).GetAsync(key, CancellationToken.None);
        batch.Metadata.DeletionTimestamp = Now;
        _stores.Batches.Observe(await Cluster.Resource(CrdResources.Batches).UpdateAsync(batch, CancellationToken.None));
        await Cluster.Resource(CrdResources.Batches).DeleteAsync(key, null, CancellationToken.None);
    }

    public async Task ChangeBatchAsync(Func<BatchSpec, BatchSpec> change)
    {
        var batch = await Cluster.Resource(CrdResources.Batches).GetAsync(new NamespacedName("shop", "spring"), CancellationToken.None);
        (batch.Spec, batch.Metadata.Generation) = (change(batch.Spec), batch.Metadata.Generation + 1);
        _stores.Batches.Observe(await Cluster.Resource(CrdResources.Batches).UpdateAsync(batch, CancellationToken.None));
    }

    /// <summary>Lets the operator look at a batch.</summary>
    public async Task<BatchStatus> LookAsync(string name = "spring")
    {
        await ReconcileAsync(name);
        return (await Cluster.Resource(CrdResources.Batches).GetAsync(new NamespacedName("shop", name), CancellationToken.None)).Status!;
    }

    public Task ReconcileAsync(string name = "spring") => _reconciler.ReconcileAsync(new NamespacedName("shop", name), CancellationToken.None);

    /// <summary>All rows of a batch as they are stored.</summary>
    public async Task<IReadOnlyDictionary<string, BatchRow>> RowsAsync()
    {
        var batch = await Cluster.Resource(CrdResources.Batches).GetAsync(new NamespacedName("shop", "spring"), CancellationToken.None);
        var rows = await new BatchPages(Cluster).LoadAsync(batch, batch.Status!, CancellationToken.None);
        return rows!.ToDictionary(r => r.Policy);
    }

    public Task BeginRunAsync(string policy) => SetRunAsync(policy, new RunStatus { Phase = RunPhase.Running, StartedAt = Now });

    /// <summary>The run of a policy brings a certificate, or fails.</summary>
    public async Task EndRunAsync(string policy, RunPhase phase = RunPhase.Succeeded)
    {
        var run = await SetRunAsync(policy, new RunStatus { Phase = phase, StartedAt = Now, FinishedAt = Now, Reason = phase.ToString(), Message = "It ended.", Certificate = phase == RunPhase.Succeeded ? A.Certificate() : null });
        _admission.Leave(run);
    }

    public async Task DeleteRunsOfAsync(string policy)
    {
        foreach (var run in _stores.RunsOf("shop", policy))
        {
            await Cluster.Resource(CrdResources.Runs).DeleteAsync(NamespacedName.Of(run), null, CancellationToken.None);
        }
    }

    public void Dispose() => _queue.Dispose();

    private async Task<NamespacedName> SetRunAsync(string policy, RunStatus status)
    {
        var name = NamespacedName.Of(_stores.RunsOf("shop", policy)[^1]);
        var run = await Cluster.Resource(CrdResources.Runs).GetAsync(name, CancellationToken.None);
        run.Status = status;
        _stores.Runs.Observe(await Cluster.Resource(CrdResources.Runs).UpdateStatusAsync(run, CancellationToken.None));
        return name;
    }

    private async Task FillAsync<T>(ObjectStore<T> store, ResourceDefinition<T> definition)
        where T : class, IKubernetesObject
    {
        await foreach (var obj in Cluster.Resource(definition).ListAsync(new ListOptions(), CancellationToken.None))
        {
            store.Observe(obj);
        }
    }

    /// <summary>A clock that somebody sets, also back.</summary>
    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = A.Now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class Recorder(List<string> events) : IEventRecorder
    {
        public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note, IKubernetesObject? related = null)
            => events.Add($"{type} {reason}: {note}");
    }
}
