using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator;

/// <summary>
/// What the caches keep of an object. Thousands of policies hold the same CA bundle, server and conditions, which are kept once;
/// of a finished run the steps and the log, most of its size, are of interest to people only, who ask the API server.
/// </summary>
public sealed class CachedObjects
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    private readonly SharedStrings _strings = new();

    /// <summary>Shares strings. What kubectl notes for itself goes; a write of the status leaves it as it is in the cluster.</summary>
    public CertificateRenewalPolicy Trim(CertificateRenewalPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy.Metadata.Annotations?.Remove(LastApplied);
        if (policy.Spec.ProviderConfig?.Acme is { } acme)
        {
            policy.Spec = policy.Spec with
            {
                ProviderConfig = policy.Spec.ProviderConfig with { Acme = acme with { Server = _strings.Share(acme.Server), CaBundle = _strings.Share(acme.CaBundle) } },
            };
        }

        if (policy.Status is { } status)
        {
            policy.Status = status with { RenewalSource = _strings.Share(status.RenewalSource), IssuedBy = _strings.Share(status.IssuedBy) };
            Trim(status.Conditions);
        }

        return policy;
    }

    /// <summary>A finished run without steps, log, report, conditions, signing request and, but for targets, what it deployed: its status must not be written from the cache.</summary>
    public CertificateRenewalRun Trim(CertificateRenewalRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (RunStateMachine.IsFinal(run.Status?.Phase))
        {
            run.Status = run.Status! with { Steps = null, Log = null, Conditions = null, Deploy = Kept(run.Status.Deploy), Report = null, Csr = null, Reason = _strings.Share(run.Status.Reason) };
        }

        return run;
    }

    /// <summary>What targets are known by is taken into the policy's status from here.</summary>
    private static RunDeployment? Kept(RunDeployment? deploy) => deploy?.Targets is { Count: > 0 } targets ? new RunDeployment { Targets = targets } : null;

    /// <summary>A batch that has ended without its rows: its status must not be written from the cache.</summary>
    public CertificateRenewalBatch Trim(CertificateRenewalBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Metadata.Annotations?.Remove(LastApplied);
        if (batch.Status is { Phase: BatchPhase.Completed or BatchPhase.Cancelled or BatchPhase.Stopped } status)
        {
            batch.Status = status with { Rows = null, Conditions = null, Reason = _strings.Share(status.Reason) };
        }

        return batch;
    }

    private void Trim(IReadOnlyList<Condition>? conditions)
    {
        foreach (var condition in conditions ?? [])
        {
            condition.Type = _strings.Share(condition.Type);
            condition.Status = _strings.Share(condition.Status);
            condition.Reason = _strings.Share(condition.Reason);
            condition.Message = _strings.Share(condition.Message);
        }
    }
}
