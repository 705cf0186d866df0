using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs;

/// <summary>Reads everything that the decision about a run rests on.</summary>
public sealed class RunGatherer(IKubernetesClient client, ResourceStores stores, RunAdmission admission, IssuanceGate gate, WorkQueue<NamespacedName> queue)
{
    private readonly IResourceClient<CertificateRenewalPolicy> _policies = client.Resource(CrdResources.Policies);

    public CertificateRenewalRun? Find(NamespacedName key) => stores.Runs.Get(key);

    public void Leave(NamespacedName key) => admission.Leave(key);

    /// <param name="run">The run.</param>
    /// <param name="work">What is known of it beyond its status.</param>
    /// <param name="begun">Whether a run is at work here, which its stored status may not say yet.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public async Task<RunObservation> GatherAsync(CertificateRenewalRun run, RunWork work, Func<CertificateRenewalRun, bool> begun, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var key = NamespacedName.Of(run);
        var status = work.StatusOf(run);
        var policy = await PolicyOfAsync(run, cancellationToken);
        var resolution = policy is null ? null : work.ResolutionOf(run, policy, stores.SettingsOf(key.Namespace));
        var active = !RunStateMachine.IsFinal(status?.Phase);
        var older = active ? OlderActive(run, begun) : null;
        var wait = active && older is null && status?.Phase != RunPhase.Running && PolicyRollback.TargetOf(run) is null && RunRequest.Open(run, policy) is null && RunModes.Of(run, policy) == RunMode.Live && resolution?.Policy is { } resolved
            ? gate.TryEnter(policy!, resolved, run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunHastened) ?? run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason), cooldown: true, now)
            : null;
        return new RunObservation
        {
            Run = new CertificateRenewalRun { Metadata = run.Metadata, Spec = run.Spec, Status = status },
            Policy = policy,
            Resolved = resolution?.Policy,
            PolicyProblem = resolution is { Policy: null } ? string.Join(" ", resolution.Problems.Select(p => p.Message)) : null,
            OlderActiveRun = older,
            Pacing = wait,
            CostEstimate = status?.Phase is null or RunPhase.Queued && PolicyRollback.TargetOf(run) is null && resolution?.Policy is { } priced
                ? RunCosts.Estimate(priced, policy!, stores.SettingsOf(key.Namespace))
                : null,
            Admitted = active && Admit(key, status?.Phase, wait is null && older is null),
            NotBefore = work.NotBefore,
        };
    }

    /// <summary>The cache may be late, and what follows from a missing policy is deletion: so a missing policy is asked for once more.</summary>
    private async Task<CertificateRenewalPolicy?> PolicyOfAsync(CertificateRenewalRun run, CancellationToken cancellationToken)
    {
        var name = new NamespacedName(run.Metadata.Namespace!, run.Spec.PolicyRef.Name);
        var policy = stores.Policies.Get(name);
        if (!IsFor(run, policy))
        {
            policy = await _policies.FindAsync(name, cancellationToken);
        }

        return IsFor(run, policy) ? InheritedDefaults.Fill(policy!, stores.SettingsOf(name.Namespace)) : null;
    }

    private static bool IsFor(CertificateRenewalRun run, CertificateRenewalPolicy? policy)
        => policy is not null && policy.Metadata.DeletionTimestamp is null && (Ownership.PolicyUid(run) is not { } uid || uid == policy.Metadata.Uid);

    private string? OlderActive(CertificateRenewalRun run, Func<CertificateRenewalRun, bool> begun)
        => stores.Runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(run))
            .Where(r => !RunStateMachine.IsFinal(r.Status?.Phase) && r.Metadata.Name != run.Metadata.Name
                && (RunOrdering.IsBefore(r, run) || begun(r)))
            .MinBy(r => r.Metadata.CreationTimestamp)?.Metadata.Name;

    private bool Admit(NamespacedName key, RunPhase? phase, bool mayBegin)
    {
        if (phase == RunPhase.Running)
        {
            admission.Enter(key);
            return true;
        }

        if (!mayBegin)
        {
            // The place might be the one that another run waits for.
            admission.Leave(key);
            return false;
        }

        return admission.TryEnter(key, () => queue.Add(key));
    }
}
