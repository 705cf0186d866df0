using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs;

/// <summary>Reads everything that the decision about a run rests on.</summary>
public sealed class RunGatherer(IKubernetesClient client, ResourceStores stores, RunAdmission admission, WorkQueue<NamespacedName> queue)
{
    private readonly IResourceClient<CertificateRenewalPolicy> _policies = client.Resource(CrdResources.Policies);

    public CertificateRenewalRun? Find(NamespacedName key) => stores.Runs.Get(key);

    public void Leave(NamespacedName key) => admission.Leave(key);

    public async Task<RunObservation> GatherAsync(CertificateRenewalRun run, RunWork work, CancellationToken cancellationToken)
    {
        var key = NamespacedName.Of(run);
        var status = work.StatusOf(run);
        var policy = await PolicyOfAsync(run, cancellationToken);
        var resolution = policy is null ? null : work.ResolutionOf(policy, stores.SettingsOf(key.Namespace));
        var active = !RunStateMachine.IsFinal(status?.Phase);
        return new RunObservation
        {
            Run = new CertificateRenewalRun { Metadata = run.Metadata, Spec = run.Spec, Status = status },
            Policy = policy,
            Resolved = resolution?.Policy,
            PolicyProblem = resolution is { Policy: null } ? string.Join(" ", resolution.Problems.Select(p => p.Message)) : null,
            OlderActiveRun = active ? OlderActive(run) : null,
            Admitted = active && Admit(key, status?.Phase),
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

        return IsFor(run, policy) ? policy : null;
    }

    private static bool IsFor(CertificateRenewalRun run, CertificateRenewalPolicy? policy)
        => policy is not null && policy.Metadata.DeletionTimestamp is null && (Ownership.PolicyUid(run) is not { } uid || uid == policy.Metadata.Uid);

    private string? OlderActive(CertificateRenewalRun run)
        => stores.Runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(run))
            .Where(r => !RunStateMachine.IsFinal(r.Status?.Phase) && RunOrdering.IsBefore(r, run))
            .MinBy(r => r.Metadata.CreationTimestamp)?.Metadata.Name;

    private bool Admit(NamespacedName key, RunPhase? phase)
    {
        if (phase != RunPhase.Running)
        {
            return admission.TryEnter(key, () => queue.Add(key));
        }

        admission.Enter(key);
        return true;
    }
}
