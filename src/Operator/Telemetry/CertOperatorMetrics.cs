using CertOperator.Acme;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting;

namespace CertOperator.Operator.Telemetry;

/// <summary>All instruments of the operator. Label values come from closed sets, which are there at 0 from the start, or are capped.</summary>
public sealed class CertOperatorMetrics : IKubernetesRequestObserver, IAcmeRequestObserver
{
    public const string Prefix = "certoperator_";

    private static readonly double[] RunBounds = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600];
    private static readonly double[] StepBounds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];
    private static readonly double[] ReconcileBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Counter _runs;
    private readonly Histogram _runDuration;
    private readonly Histogram _stepDuration;
    private readonly Counter _acmeRequests;
    private readonly CappedLabel _acmeHosts = new(100);
    private readonly Counter _reconciles;
    private readonly Histogram _reconcileDuration;
    private readonly WorkQueueDepth _queueDepth;
    private readonly Counter _queueRetries;
    private readonly Counter _kubernetesRequests;
    private readonly Counter _incidentDeliveries;
    private readonly Gauge.Child _schedulerSuccess;
    private readonly Gauge.Child _leader;
    private readonly OldStates _oldStates;

    /// <param name="build">For <c>build_info</c>.</param>
    /// <param name="controllers">Names of the controllers; their series exist from the start.</param>
    public CertOperatorMetrics(BuildInformation build, params IReadOnlyList<string> controllers)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(controllers);
        _runs = Registry.Add(new Counter(Prefix + "renewal_runs_total", "Runs that ended.", "provider", "mode", "trigger", "result"));
        _runDuration = Registry.Add(new Histogram(
            Prefix + "renewal_duration_seconds", "From a run's first step to its end, in seconds.", RunBounds, "provider", "mode", "result"));
        _stepDuration = Registry.Add(new Histogram(
            Prefix + "renewal_step_duration_seconds", "From a step's start to its end, waits included, in seconds.", StepBounds, "step"));
        _acmeRequests = Registry.Add(new Counter(
            Prefix + "acme_requests_total", "Requests to ACME servers; status is an HTTP code, or error when no answer came.", "host", "action", "status"));
        _reconciles = Registry.Add(new Counter(Prefix + "reconcile_total", "Reconciles that ended.", "controller", "outcome"));
        _reconcileDuration = Registry.Add(new Histogram(
            Prefix + "reconcile_duration_seconds", "Time of one reconcile, in seconds.", ReconcileBounds, "controller"));
        _queueDepth = Registry.Add(new WorkQueueDepth());
        _queueRetries = Registry.Add(new Counter(Prefix + "workqueue_retries_total", "Keys put back after a failure.", "controller"));
        _kubernetesRequests = Registry.Add(new Counter(
            Prefix + "kubernetes_requests_total", "Requests to the API server; code is an HTTP code, or error when no answer came.", "verb", "resource", "code"));
        _incidentDeliveries = Registry.Add(new Counter(
            Prefix + "incident_deliveries_total", "Tries to tell a receiver of an incident; dead_letter when it is not tried again by itself.", "sink", "result"));
        _schedulerSuccess = Registry.Add(new Gauge(
            Prefix + "scheduler_last_success_timestamp_seconds", "When due renewals were last looked for, and workers took keys from the queues of policies and runs after that, in Unix time; 0 before the first time.")).WithLabels();
        _leader = Registry.Add(new Gauge(Prefix + "leader", "Whether this replica holds the Lease.")).WithLabels();
        _oldStates = Registry.Add(new OldStates());
        Registry.Add(new Gauge(Prefix + "build_info", "Always 1; the labels say what runs.", "version", "commit")).WithLabels(build.Version, build.Commit).Set(1);
        ProcessMetrics.AddTo(Registry);
        CreateAtZero(controllers);
    }

    public MetricRegistry Registry { get; } = new();

    /// <summary>Adds the series of each policy.</summary>
    public void AddPolicies(IPolicyMetricsSource source) => Registry.Add(new PolicyMetricsCollector(source));

    /// <summary>Adds the series of the open incidents; called at each scrape, from any thread.</summary>
    public void AddIncidents(Func<IEnumerable<Criticality>> open) => Registry.Add(new OpenIncidentsCollector(open));

    /// <summary>Adds the series of what receivers were not told; called at each scrape, from any thread.</summary>
    /// <param name="sinks">One of <see cref="IncidentSinkKinds"/> for each receiver of an incident that could not be told.</param>
    public void AddUndeliveredIncidents(Func<IEnumerable<string>> sinks) => Registry.Add(new UndeliveredIncidentsCollector(sinks));

    /// <summary>Adds the number of batches in each phase; called at each scrape, from any thread.</summary>
    public void AddBatches(Func<IEnumerable<BatchPhase>> phases) => Registry.Add(new BatchesCollector(phases));

    /// <summary>Adds the series of Secrets that no policy manages; called at each scrape, from any thread.</summary>
    public void AddInventory(Func<InventoryReport> report) => Registry.Add(new InventoryCollector(report));

    /// <summary>A try to tell a receiver ended with one of <see cref="DeliveryResults"/>.</summary>
    /// <param name="sink">One of <see cref="IncidentSinkKinds"/>.</param>
    /// <param name="result">How it ended.</param>
    public void IncidentDelivered(string sink, string result) => _incidentDeliveries.Increment(sink, result);

    /// <summary>A run came to its end: Succeeded, Failed or NeedsManual.</summary>
    public void RunFinished(CertificateProviderKind provider, RunMode mode, RunTrigger trigger, RunPhase result, TimeSpan duration)
    {
        var (p, m, r) = (LabelNames<CertificateProviderKind>.Of(provider), LabelNames<RunMode>.Of(mode), LabelNames<RunPhase>.Of(result));
        _runs.Increment(p, m, LabelNames<RunTrigger>.Of(trigger), r);
        _runDuration.Observe(duration, p, m, r);
    }

    public void StepFinished(StepName step, TimeSpan duration) => _stepDuration.Observe(duration, LabelNames<StepName>.Of(step));

    /// <summary>A request to an ACME server ended; status 0 means that no answer came. After 100 different hosts the rest is <c>other</c>.</summary>
    void IAcmeRequestObserver.RequestCompleted(string host, string action, int status, TimeSpan elapsed) =>
        _acmeRequests.Increment(_acmeHosts.Of(host), action, StatusLabel.Of(status));

    /// <summary>A request to the API server ended; code 0 means that no answer came.</summary>
    void IKubernetesRequestObserver.RequestCompleted(string verb, string resource, int code, TimeSpan duration) =>
        _kubernetesRequests.Increment(verb, resource, StatusLabel.Of(code));

    /// <summary>A reconcile ended with one of <see cref="ReconcileOutcomes"/>.</summary>
    public void Reconciled(string controller, string outcome, TimeSpan duration)
    {
        _reconciles.Increment(controller, outcome);
        _reconcileDuration.Observe(duration, controller);
    }

    /// <summary>Lets the depth of a controller's queue be read at each scrape.</summary>
    public void AddWorkQueue(string controller, Func<int> depth) => _queueDepth.Add(controller, depth);

    public void WorkQueueRetried(string controller) => _queueRetries.Increment(controller);

    public void SchedulerSucceeded(DateTimeOffset now) => _schedulerSuccess.Set(now.ToUnixTimeMilliseconds() / 1000.0);

    public void SetLeader(bool leads) => _leader.Set(leads ? 1 : 0);

    /// <summary>A round over all state Secrets has ended; or, without a key, none has under the keys that count now.</summary>
    public void SetStatesUnderOldKeys(string? key, int count) => _oldStates.Set(key, count);

    private void CreateAtZero(IReadOnlyList<string> controllers)
    {
        var results = new[] { RunPhase.Succeeded, RunPhase.Failed, RunPhase.NeedsManual }.Select(LabelNames<RunPhase>.Of).ToList();
        foreach (var provider in LabelNames<CertificateProviderKind>.All)
        {
            foreach (var mode in LabelNames<RunMode>.All)
            {
                foreach (var result in results)
                {
                    // The duration's count says nothing more than the counter, and is there once there is a duration.
                    foreach (var trigger in LabelNames<RunTrigger>.All)
                    {
                        _runs.WithLabels(provider, mode, trigger, result);
                    }
                }
            }
        }

        foreach (var step in LabelNames<StepName>.All)
        {
            _stepDuration.WithLabels(step);
        }

        foreach (var sink in IncidentSinkKinds.All)
        {
            foreach (var result in DeliveryResults.All)
            {
                _incidentDeliveries.WithLabels(sink, result);
            }
        }

        foreach (var controller in controllers)
        {
            _reconcileDuration.WithLabels(controller);
            _queueRetries.WithLabels(controller);
            foreach (var outcome in ReconcileOutcomes.All)
            {
                _reconciles.WithLabels(controller, outcome);
            }
        }
    }
}
