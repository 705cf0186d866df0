using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Deployments;

/// <summary>What a policy remembers of its targets from run to run: what they are known by, and which certificate each has. Pure.</summary>
public static class TargetMemory
{
    /// <summary>A policy that was pointed at more places than this remembers those that got a pair last.</summary>
    private const int MaxRemembered = 20;

    /// <summary>What was known when the last run ended; null where no run ever got as far as a target.</summary>
    /// <param name="status">The policy's status, which may not have taken the last runs into account yet.</param>
    /// <param name="runs">The policy's runs.</param>
    public static IReadOnlyList<TargetState>? Of(PolicyStatus? status, IEnumerable<CertificateRenewalRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return runs
            .Where(r => r.Status is { FinishedAt: not null, Deploy.Targets: not null } && (status?.LastFinishedRun is not { } last || r.Status.FinishedAt > last.FinishedAt))
            .OrderBy(r => r.Status!.FinishedAt)
            .Aggregate(status?.Targets, (known, run) => With(known, run.Status!.Deploy!.Targets!));
    }

    /// <summary>What is known after a run.</summary>
    /// <param name="before">What was known before.</param>
    /// <param name="uploads">The rows of the run.</param>
    public static IReadOnlyList<TargetState>? With(IReadOnlyList<TargetState>? before, IReadOnlyList<TargetUpload> uploads)
    {
        ArgumentNullException.ThrowIfNull(uploads);
        var known = (before ?? []).ToList();
        foreach (var upload in uploads.Where(u => u.RemoteId is not null || u.StartedAt is not null))
        {
            var earlier = known.Find(k => k.Target == upload.Target);
            var has = upload.FinishedAt is null ? null : upload.Fingerprint;
            known.RemoveAll(k => k.Target == upload.Target);
            known.Add(new TargetState
            {
                Target = upload.Target,
                RemoteId = upload.RemoteId,
                Fingerprint = has,
                UploadedAt = has is null ? null : earlier is not null && earlier.Fingerprint == has && earlier.RemoteId == upload.RemoteId ? earlier.UploadedAt : upload.FinishedAt,
            });
        }

        return known.Count == 0 ? null : [.. known.TakeLast(MaxRemembered)];
    }
}
