using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

/// <summary>
/// What one test works on: a namespace of its own, clients for it, proxies in front of the API server and of Pebble that only this
/// test uses, and the operators that it starts, which see no other namespace.
/// </summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly KubernetesClient _client;
    private IReadOnlyList<OperatorUnderTest> _operators = [];
    private Http01Service? _service;

    private readonly bool _rented;

    private TestCluster(ControlPlane controlPlane, Pebble pebble, bool rented, string ns, AcmeProxy acme, ApiProxy api)
    {
        (ControlPlane, Pebble, _rented, Namespace, Acme, Api) = (controlPlane, pebble, rented, ns, acme, api);
        _client = new KubernetesClient(KubernetesClientConfiguration.Load(controlPlane.KubeconfigPath), TimeProvider.System, UnobservedRequests.Instance);
    }

    public ControlPlane ControlPlane { get; }

    public Pebble Pebble { get; }

    public string Namespace { get; }

    /// <summary>In front of <see cref="Pebble"/>; what <see cref="PolicyBuilder"/> names as the server.</summary>
    public AcmeProxy Acme { get; }

    /// <summary>In front of the API server; operators reach it through here, as the chart's service account, the clients of the test do not.</summary>
    public ApiProxy Api { get; }

    public IResourceClient<CertificateRenewalPolicy> Policies => _client.Resource(CrdResources.Policies);

    public IResourceClient<CertificateRenewalRun> Runs => _client.Resource(CrdResources.Runs);

    public IResourceClient<CertificateRenewalSettings> Settings => _client.Resource(CrdResources.Settings);

    public IResourceClient<CertificateRenewalBatch> Batches => _client.Resource(CrdResources.Batches);

    public IResourceClient<Secret> Secrets => _client.Resource(CoreResources.Secrets);

    public IResourceClient<Event> Events => _client.Resource(CoreResources.Events);

    public IResourceClient<Lease> Leases => _client.Resource(CoreResources.Leases);

    /// <summary>Clients for kinds that few tests need.</summary>
    public IResourceClient<T> Resource<T>(ResourceDefinition<T> definition)
        where T : class, IKubernetesObject
        => _client.Resource(definition);

    /// <summary>Operators that this test has started, in this order, dead ones too.</summary>
    public IReadOnlyList<OperatorUnderTest> Operators => _operators;

    /// <summary>On the given components, or on those that all tests of the project share.</summary>
    public static async Task<TestCluster> StartAsync(ControlPlane? controlPlane = null, Pebble? pebble = null)
    {
        controlPlane ??= await SharedComponents.ControlPlaneAsync();
        var rented = pebble is null;
        pebble ??= await SharedComponents.RentPebbleAsync();
        // Between two tests no operator listens there, and the reservation may be as old as the whole test run.
        FreePort.Hold(pebble.HttpPort);
        string ns = await controlPlane.CreateNamespaceAsync();
        ChartIdentity identity = await ChartIdentity.OnAsync(controlPlane);
        await identity.OwnAsync(ns);
        return new TestCluster(controlPlane, pebble, rented, ns, await AcmeProxy.StartAsync(pebble), await ApiProxy.StartAsync(controlPlane, identity.Token));
    }

    /// <summary>Where an operator that is started now answers challenges, unless its settings say otherwise.</summary>
    internal int NextHttp01Port => _service is null ? Pebble.HttpPort : FreePort.Next();

    /// <summary>From now on the CA reaches whichever operator lives, and waits while none does. For tests with several, and for those that kill.</summary>
    public async Task StartHttp01ServiceAsync() =>
        _service = await Http01Service.StartAsync(Pebble.HttpPort, () => _operators);

    /// <summary>Starts an operator for this namespace; ready when the task completes, unless the settings say otherwise.</summary>
    public async Task<OperatorUnderTest> StartOperatorAsync(OperatorSettings? settings = null)
    {
        OperatorUnderTest started = OperatorUnderTest.Start(this, $"operator-{_operators.Count + 1}", settings ?? new OperatorSettings());
        _operators = [.. _operators, started];
        if (settings is not { WaitUntilReady: false })
        {
            await started.WaitUntilReadyAsync();
        }

        return started;
    }

    public NamespacedName Name(string name) => new(Namespace, name);

    public Task<CertificateRenewalPolicy> CreateAsync(PolicyBuilder policy) => Policies.CreateAsync(policy.Build(), CancellationToken.None);

    /// <summary>Changes a policy on the basis of its newest version.</summary>
    public Task<CertificateRenewalPolicy> ChangeAsync(string policy, Action<CertificateRenewalPolicy> change) =>
        Eventually.GetAsync(
            async ct =>
            {
                CertificateRenewalPolicy current = await Policies.GetAsync(Name(policy), ct);
                change(current);
                return await Policies.UpdateAsync(current, ct);
            },
            _ => true,
            Deadlines.Api,
            $"policy {policy} to be changed");

    /// <summary>Asks for a renewal as a person would.</summary>
    public Task RequestRenewalAsync(string policy, string value) =>
        ChangeAsync(policy, p => (p.Metadata.Annotations ??= [])[WellKnown.RenewRequestedAt] = value);

    /// <summary>Sets an annotation on a run as a person would.</summary>
    public Task AnnotateRunAsync(CertificateRenewalRun run, string annotation, string value, string? by = null)
    {
        List<string> arguments = ["annotate", "--overwrite", "-n", Namespace, "certificaterenewalruns", run.Metadata.Name, $"{annotation}={value}"];
        if (by is not null)
        {
            arguments.Add($"{WellKnown.RequestedBy}={by}");
        }

        return ControlPlane.KubectlAsync(arguments);
    }

    /// <summary>All runs of a policy, oldest first.</summary>
    public async Task<IReadOnlyList<CertificateRenewalRun>> RunsOfAsync(string policy)
    {
        List<CertificateRenewalRun> runs = [];
        await foreach (CertificateRenewalRun run in Runs.ListAsync(new ListOptions { Namespace = Namespace }, CancellationToken.None))
        {
            runs.Add(run);
        }

        return [.. runs.Where(r => r.Spec.PolicyRef.Name == policy).OrderBy(r => r.Metadata.CreationTimestamp).ThenBy(r => r.Status?.StartedAt ?? DateTimeOffset.MaxValue)];
    }

    /// <summary>All Secrets of the namespace.</summary>
    public async Task<IReadOnlyList<Secret>> AllSecretsAsync()
    {
        List<Secret> secrets = [];
        await foreach (Secret secret in Secrets.ListAsync(new ListOptions { Namespace = Namespace }, CancellationToken.None))
        {
            secrets.Add(secret);
        }

        return secrets;
    }

    public Task<CertificateRenewalPolicy> WaitForPolicyAsync(string policy, Func<CertificateRenewalPolicy, bool> fits, string what, TimeSpan? deadline = null) =>
        Eventually.GetAsync(ct => Policies.GetAsync(Name(policy), ct), fits, deadline ?? Deadlines.Run, $"policy {policy} {what}");

    /// <summary>Waits until a policy reports a good certificate and no run is in progress.</summary>
    public Task<CertificateRenewalPolicy> WaitUntilReadyAsync(string policy, TimeSpan? deadline = null) =>
        WaitForPolicyAsync(policy, p => p.Is("Ready") && p.Status!.Phase == PolicyPhase.Idle, "to be ready", deadline);

    /// <summary>Waits until as many runs of a policy have ended, however they ended.</summary>
    /// <returns>All of its runs, oldest first.</returns>
    public Task<IReadOnlyList<CertificateRenewalRun>> WaitForFinishedRunsAsync(string policy, int count = 1, TimeSpan? deadline = null) =>
        Eventually.GetAsync(
            _ => RunsOfAsync(policy),
            runs => runs.Count(r => r.Status?.Phase is RunPhase.Succeeded or RunPhase.Failed or RunPhase.NeedsManual) >= count,
            deadline ?? Deadlines.Run,
            $"{count} finished runs of policy {policy}");

    /// <summary>Waits for an instant in a run. When it does not come the message tells what came last, since nothing else tells where a run stopped.</summary>
    public async Task ReachedAsync(Task instant)
    {
        try
        {
            await instant.WaitAsync(Deadlines.Run);
        }
        catch (TimeoutException e) when (!instant.IsCompleted)
        {
            IEnumerable<string> acme = Acme.Exchanges.TakeLast(4).Select(x => $"acme {x.Kind} {x.Status}");
            IEnumerable<string> api = Api.Exchanges.TakeLast(8).Select(x => $"api {x.Verb} {x.Resource} {x.Name} {x.Status}");
            IEnumerable<string> log = _operators.SelectMany(o => o.LogLines.TakeLast(6).Prepend($"{o.Name}{(o.HasExited ? ", which has ended" : "")}:"));
            throw new TimeoutException($"The instant had not come after {Deadlines.Run}.\n{string.Join('\n', [.. acme, .. api, .. log])}", e);
        }
    }

    /// <summary>For the output of a test that failed.</summary>
    public async Task DescribeAsync(TextWriter to)
    {
        await to.WriteLineAsync(string.Join('\n', Acme.Exchanges.Select(e => $"acme {e.Kind} {e.Path} {e.Status}")));
        await to.WriteLineAsync(string.Join('\n', Api.Exchanges.Where(e => e.Verb is not ("get" or "list")).Select(e => $"api {e.Verb} {e.Resource} {e.Name} {e.Status}")));
        foreach (OperatorUnderTest one in _operators)
        {
            TestContext.AddTestAttachment(one.KeepLog(), one.Name);
            await to.WriteLineAsync($"--- the end of the log of {one.Name}");
            await to.WriteLineAsync(string.Join('\n', one.LogLines.TakeLast(80)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (OperatorUnderTest one in _operators)
        {
            await one.DisposeAsync();
        }

        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        await Acme.DisposeAsync();
        await Api.DisposeAsync();
        _client.Dispose();
        if (_rented)
        {
            SharedComponents.Return(Pebble);
        }
    }
}
