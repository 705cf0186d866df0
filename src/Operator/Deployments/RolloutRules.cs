using CertOperator.Kubernetes;

namespace CertOperator.Operator.Deployments;

/// <summary>When a rollout counts as complete: the rules of "kubectl rollout status", kind by kind. Pure.</summary>
public static class RolloutRules
{
    private const string Progressing = "Progressing";
    private const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";
    private static readonly Rollout NotObserved = new Rollout.InProgress("waits for its controller to see the change");

    public static Rollout Of(Deployment deployment)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        var status = deployment.Status;
        var wanted = deployment.Spec.Replicas ?? 1;
        var (all, updated, available) = (status.Replicas ?? 0, status.UpdatedReplicas ?? 0, status.AvailableReplicas ?? 0);
        var observed = IsObserved(deployment.Metadata, status.ObservedGeneration);
        if (observed && updated >= wanted && all <= updated && available >= updated)
        {
            return Done(updated);
        }

        // A controller that leaves it alone never says that it is late.
        if (deployment.Spec.Paused == true)
        {
            return new Rollout.Stuck(
                DeployReasons.WorkloadPaused,
                $"is paused, so no pod is restarted. Resume it with: kubectl -n {deployment.Metadata.Namespace} rollout resume deployment/{deployment.Metadata.Name}");
        }

        if (!observed)
        {
            return NotObserved;
        }

        if (status.Conditions?.FirstOrDefault(c => c is { Type: Progressing, Reason: ProgressDeadlineExceeded }) is { } late)
        {
            return new Rollout.Stuck(DeployReasons.RolloutFailed, $"exceeded its progress deadline with {available} of {wanted} new pods available. {late.Message}".TrimEnd());
        }

        return updated < wanted ? new Rollout.InProgress($"has {updated} of {wanted} new pods")
            : all > updated ? new Rollout.InProgress($"has {Pods(all - updated, "old")} left to end")
            : new Rollout.InProgress($"has {available} of {updated} new pods available");
    }

    public static Rollout Of(StatefulSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var status = set.Status;
        var wanted = set.Spec.Replicas ?? 1;
        var (ready, updated) = (status.ReadyReplicas ?? 0, status.UpdatedReplicas ?? 0);
        if (!IsObserved(set.Metadata, status.ObservedGeneration))
        {
            return NotObserved;
        }

        if (set.Spec.UpdateStrategy?.Type == UpdateStrategy.OnDelete)
        {
            return OnDelete(updated, wanted);
        }

        var partition = Math.Min(set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0, wanted);
        if (ready < wanted)
        {
            return new Rollout.InProgress($"has {ready} of {wanted} pods ready");
        }

        if (updated < wanted - partition)
        {
            return new Rollout.InProgress($"has {updated} of {wanted - partition} new pods");
        }

        // Without a partition the controller makes the new revision the current one when the last pod has it.
        if (set.Spec.UpdateStrategy?.RollingUpdate?.Partition is null && status.UpdateRevision != status.CurrentRevision)
        {
            return new Rollout.InProgress($"has {updated} pods of revision {status.UpdateRevision}");
        }

        return partition > 0
            ? new Rollout.Complete($"has {Pods(updated, "new")}; the {partition} below its partition still serve what they read before")
            : Done(updated);
    }

    public static Rollout Of(DaemonSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var status = set.Status;
        var (wanted, updated, available) = (status.DesiredNumberScheduled ?? 0, status.UpdatedNumberScheduled ?? 0, status.NumberAvailable ?? 0);
        return !IsObserved(set.Metadata, status.ObservedGeneration) ? NotObserved
            : set.Spec.UpdateStrategy?.Type == UpdateStrategy.OnDelete ? OnDelete(updated, wanted)
            : updated < wanted ? new Rollout.InProgress($"has {updated} of {wanted} new pods")
            : available < wanted ? new Rollout.InProgress($"has {available} of {wanted} new pods available")
            : Done(updated);
    }

    private static bool IsObserved(ObjectMeta metadata, long? observed) => observed is > 0 && observed >= (metadata.Generation ?? 0);

    private static Rollout.Complete Done(int pods) => new($"has {Pods(pods, "new")}");

    private static string Pods(int count, string which) => $"{count} {which} pod{(count == 1 ? "" : "s")}";

    private static Rollout OnDelete(int updated, int wanted)
        => updated >= wanted
            ? Done(updated)
            : new Rollout.Stuck(DeployReasons.NothingRestarts, $"has the update strategy OnDelete, so nothing restarts by itself: {wanted - updated} of {wanted} pods still serve what they read before. Delete them.");
}
