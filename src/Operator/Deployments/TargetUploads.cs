using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Deployments;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Deployments;

/// <summary>
/// Puts the pair that the Secret holds to targets at cloud providers, each once for a pair. That something new will be made is stored
/// before it is made, and what it is known by before anything else, so that no crash makes it twice.
/// </summary>
public sealed class TargetUploads(DeployTargets targets, TargetSecretWriter secrets, ObjectStore<CertificateRenewalRun> runs, TimeProvider timeProvider)
{
    /// <summary>Whether a target has another certificate than the run's.</summary>
    public bool AreDue(RunContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var known = KnownTo(context);
        return context.Resolved.Deploy.Targets.Any(t => !Has(context, Find(known, t)));
    }

    /// <summary>What earlier runs have made there; null where they have made nothing, or that is not known.</summary>
    public string? RemoteIdOf(RunContext context, ResolvedDeployTarget target)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Find(KnownTo(context), target)?.RemoteId;
    }

    /// <returns>Null when every target has the pair.</returns>
    public async Task<StepResult?> AdvanceAsync(RunContext context, DeployProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(progress);
        var remembered = KnownTo(context);
        var left = new List<(ResolvedDeployTarget Target, TargetState? Known)>();
        foreach (var target in context.Resolved.Deploy.Targets.Where(t => progress.Of(t).FinishedAt is null))
        {
            var known = Find(remembered, target);
            if (Has(context, known) && progress.Of(target) is { StartedAt: null, Operation: null } row)
            {
                progress.Set(Finished(context, row, known!.RemoteId!));
            }
            else
            {
                left.Add((target, known));
            }
        }

        return left.Count == 0 ? null : Begin(context, left, isFirst: remembered is null, progress) ?? await PutAsync(context, left, progress, cancellationToken);
    }

    private IReadOnlyList<TargetState>? KnownTo(RunContext context)
        => TargetMemory.Of(context.Policy.Status, runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(context.Run)).Where(r => r.Metadata.Uid != context.Run.Metadata.Uid));

    private static TargetState? Find(IReadOnlyList<TargetState>? known, ResolvedDeployTarget target) => known?.FirstOrDefault(k => k.Target == target.Id);

    private static bool Has(RunContext context, TargetState? known) => known is { RemoteId: not null } && known.Fingerprint == context.Status.Certificate!.Fingerprint;

    /// <returns>Null where nothing new is made, or it is stored already that there will be.</returns>
    private StepResult.Pending? Begin(RunContext context, IEnumerable<(ResolvedDeployTarget Target, TargetState? Known)> left, bool isFirst, DeployProgress progress)
    {
        var begun = left.Where(l => (l.Target.RemoteId ?? l.Known?.RemoteId) is null && progress.Of(l.Target) is { RemoteId: null, StartedAt: null }).Select(l => l.Target).ToList();
        foreach (var target in begun)
        {
            progress.Set(progress.Of(target) with { StartedAt = timeProvider.GetUtcNow() });
            if (isFirst)
            {
                context.Work.UntouchedTargets.Add(target.Id);
            }
        }

        return begun.Count == 0 ? null : new StepResult.Pending(TimeSpan.Zero, $"Something new is about to be made for {string.Join(", ", begun.Select(t => t.Id))}.") { PersistFirst = true };
    }

    /// <summary>One target after the other; one that refuses does not keep the pair from the others.</summary>
    private async Task<StepResult?> PutAsync(RunContext context, IReadOnlyList<(ResolvedDeployTarget Target, TargetState? Known)> left, DeployProgress progress, CancellationToken cancellationToken)
    {
        var results = new List<StepResult>();
        try
        {
            using var pair = await ReadAsync(context, cancellationToken);
            foreach (var (target, known) in left)
            {
                switch (await TryAsync(context, target, known, pair, progress, cancellationToken))
                {
                    case { PersistFirst: true } stored:
                        return stored;

                    case { } other:
                        results.Add(other);
                        break;
                }
            }
        }
        catch (Exception e) when (e is CredentialException or PkiException)
        {
            return new StepResult.NeedsManual(DeployReasons.PairNotInSecret, e.Message);
        }

        return Worst(results);
    }

    private async Task<StepResult?> TryAsync(RunContext context, ResolvedDeployTarget target, TargetState? known, StoredPair pair, DeployProgress progress, CancellationToken cancellationToken)
    {
        var row = progress.Of(target);
        var stored = target.RemoteId ?? row.RemoteId ?? (row.StartedAt is null ? known?.RemoteId : null);
        try
        {
            return await PutAsync(context, target, stored, pair, progress, cancellationToken);
        }
        catch (IssuanceException e)
        {
            return Refused(progress, row with { RemoteId = stored }, e.Failure, e.Reason, $"{target.Field}: {e.Message}", e.RetryAfter);
        }
        catch (CredentialException e)
        {
            return Refused(progress, row with { RemoteId = stored }, IssuanceFailure.NeedsManual, PolicyReasons.MissingSecret, $"{e.Message} Then resume the run.", null);
        }
    }

    /// <returns>Null when the target has the pair.</returns>
    private async Task<StepResult?> PutAsync(RunContext context, ResolvedDeployTarget target, string? stored, StoredPair pair, DeployProgress progress, CancellationToken cancellationToken)
    {
        var row = progress.Of(target);
        var owner = new TargetOwner(context.Policy.Metadata.Uid!, $"{context.Namespace}/{context.Policy.Metadata.Name}");
        var place = await targets.OpenAsync(context.Namespace, target, cancellationToken);

        // A try that an earlier process has made may have come through. From then on this one knows.
        var existing = stored ?? (context.Work.UntouchedTargets.Remove(target.Id) ? null : await place.FindAsync(owner, cancellationToken));
        var chain = TargetChain.Of(pair.Chain, target.IssuerBundle);
        switch (await place.PutAsync(new TargetPair(pair.Key, chain), owner, new TargetPlace(existing, row.Operation), cancellationToken))
        {
            case TargetProgress.Done done:
                progress.Set(Finished(context, row, done.RemoteId));
                return done.RemoteId == stored
                    ? null
                    : new StepResult.Pending(TimeSpan.Zero, $"{done.RemoteId} has the new certificate.") { PersistFirst = true, Note = $"{target.Id}: the pair is now in {done.RemoteId}." };

            case TargetProgress.Pending pending:
                progress.Set(row with { RemoteId = pending.RemoteId, Operation = pending.Operation, Message = null });
                return new StepResult.Pending(pending.RetryAfter, $"{pending.RemoteId} is being written.");

            case TargetProgress.Gone gone:
                context.Work.UntouchedTargets.Add(target.Id);
                progress.Set(row with { RemoteId = null, StartedAt = timeProvider.GetUtcNow(), Message = gone.Message });
                return new StepResult.Pending(TimeSpan.Zero, gone.Message) { PersistFirst = true, Note = gone.Message };

            case var other:
                throw new InvalidOperationException($"Unknown progress {other.GetType().Name}.");
        }
    }

    private TargetUpload Finished(RunContext context, TargetUpload row, string remoteId)
        => row with { RemoteId = remoteId, Fingerprint = context.Status.Certificate!.Fingerprint, FinishedAt = timeProvider.GetUtcNow(), Operation = null, Message = null };

    /// <summary>No later run makes up for it, so what is no passing trouble needs a person.</summary>
    private static StepResult Refused(DeployProgress progress, TargetUpload row, IssuanceFailure failure, string reason, string message, TimeSpan? retryAfter)
    {
        progress.Set(row with { Operation = null, Message = message });
        return failure == IssuanceFailure.Transient ? new StepResult.Transient(reason, message, retryAfter) : new StepResult.NeedsManual(reason, message);
    }

    /// <summary>Refusals first, then what is tried again, then what is waited for: whoever is asked again later is looked at anew.</summary>
    private static StepResult? Worst(List<StepResult> results)
        => results.OfType<StepResult.NeedsManual>().ToList() is { Count: > 0 } refusals
            ? new StepResult.NeedsManual(refusals[0].Reason, $"{string.Join(" ", refusals.Select(r => r.Message))} The Secret holds the new certificate.")
            : results.OfType<StepResult.Transient>().ToList() is { Count: > 0 } retries
                ? new StepResult.Transient(retries[0].Reason, string.Join(" ", retries.Select(r => r.Message)), retries.Max(r => r.RetryAfter))
                : results.Count == 0 ? null : results[0];

    /// <summary>From the Secret: after a restart the run has the pair nowhere else, and a rollback never had it.</summary>
    private async Task<StoredPair> ReadAsync(RunContext context, CancellationToken cancellationToken)
    {
        var name = context.Resolved.SecretName;
        var data = (await secrets.FindAsync(context.Namespace, name, cancellationToken))?.Data;
        if (data?.GetValueOrDefault(WellKnown.TlsCertificateKey) is not { } certificate || data.GetValueOrDefault(WellKnown.TlsPrivateKeyKey) is not { } key)
        {
            throw new CredentialException($"Secret {name} no longer holds a certificate and its key, so no target can get them. Once the policy has restored it, resume the run.");
        }

        var pair = new StoredPair(PrivateKeyPair.FromPem(Encoding.ASCII.GetString(key)), CertificateChain.Parse(Encoding.ASCII.GetString(certificate), PemLimits.Stored));
        if (pair.Chain.Facts.Fingerprint == context.Status.Certificate!.Fingerprint)
        {
            return pair;
        }

        pair.Dispose();
        throw new CredentialException($"Secret {name} holds another certificate than this run has written, so no target gets it. Let the policy renew again.");
    }

    private sealed record StoredPair(PrivateKeyPair Key, CertificateChain Chain) : IDisposable
    {
        public void Dispose()
        {
            Key.Dispose();
            Chain.Dispose();
        }

        public override string ToString() => nameof(StoredPair);
    }
}
