using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Keys;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>Stages the private key where a restart finds it, before the CA hears of it.</summary>
public sealed class PrepareKeyStep(IssuanceSteps issuance, KeyBackends backends, RenewalState state, TargetSecretWriter target, ObjectStore<CertificateRenewalRun> runs)
{
    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        // A policy that has never had a certificate has no state to read either; if it has, the write says so.
        var first = context.Policy.Status?.Fingerprint is null && context.Step(StepName.PrepareKey).Attempts is null && context.Status.Order is null;
        try
        {
            return first ? await StageAsync(context, null, cancellationToken) : await ResumeOrStageAsync(context, cancellationToken);
        }
        catch (AlreadyExistsException)
        {
            return await ResumeOrStageAsync(context, cancellationToken);
        }
    }

    private async Task<StepResult> ResumeOrStageAsync(RunContext context, CancellationToken cancellationToken)
    {
        var existing = await state.FindAsync(context.Policy, cancellationToken);
        if (existing is { IsForeign: true })
        {
            return new StepResult.Failed(
                PolicyReasons.SecretForeign,
                $"Secret {existing.Secret.Metadata.Name} has type {existing.Secret.Type}; the operator needs that name for keys in progress. Rename or delete it.",
                null);
        }

        // A run that was resumed may be about another key than the one it had staged.
        if (existing?.IsStagedForRequest(context.Status.RequestHash) == true && await issuance.FindStagedAsync(context, existing, cancellationToken) is { } staged)
        {
            context.Work.SetKey(staged);
            return new StepResult.Done("The key that was staged before is used.");
        }

        return await StageAsync(context, existing, cancellationToken);
    }

    private async Task<StepResult> StageAsync(RunContext context, PolicyState? existing, CancellationToken cancellationToken)
    {
        var resolved = context.Resolved;
        // Only where there was no Secret when the run was made is there no pair to keep.
        var needsCurrent = existing is not null || resolved.Rotation == KeyRotation.Never || context.Policy.Status?.Fingerprint is not null
            || context.Run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason) != PolicyReasons.DoesNotExist;
        var current = needsCurrent ? await target.FindAsync(context.Namespace, resolved.SecretName, cancellationToken) : null;
        if (issuance.TraitsOf(context).MakesKey)
        {
            return await KeepCurrentAsync(context, existing, current, cancellationToken);
        }

        if (resolved.KeyBackend is { } backend)
        {
            return await PrepareElsewhereAsync(context, backend, existing, current, cancellationToken);
        }

        var reused = context.Status.Order is null ? Restorable(context, existing) : null;
        var earlier = reused is null ? null : existing?.StagedFor(reused);
        var waiting = earlier is null ? Waiting(context, existing) : null;
        var kept = waiting is null ? null : existing?.StagedFor(waiting);
        var (key, message) = earlier is not null ? (earlier, $"The key of run {reused!.Metadata.Name} is used to restore the Secret.")
            : kept is not null ? (kept, $"The key of run {waiting!.Metadata.Name} is kept, whose signing request somebody may have had signed.")
            : NewOrCurrent(resolved, current);
        if (existing?.IsStagedFor(context.Run.Metadata.Uid!) == true && existing.IsStagedForRequest(context.Status.RequestHash))
        {
            message = $"{existing.DescribeSpoiltStagedKey()} {message}";
        }

        context.Work.SetKey(key);
        await state.StageAsync(context.Policy, context.Run, existing, key, current, cancellationToken);
        context.Work.NoOrderCanExist = true;
        return earlier is null
            ? new StepResult.Done(message)
            : new StepResult.Done(message) { Order = reused!.Status!.Order! with { Challenges = null, ReusedFrom = reused.Metadata.Name, Placed = 0 }, PersistFirst = true };
    }

    /// <summary>The provider makes the key, so there is none to stage; the pair that is replaced is kept all the same.</summary>
    private async Task<StepResult> KeepCurrentAsync(RunContext context, PolicyState? existing, Secret? current, CancellationToken cancellationToken)
    {
        context.Work.NoOrderCanExist = existing?.IsStagedFor(context.Run.Metadata.Uid!) != true;
        await state.StageAsync(context.Policy, context.Run, existing, null, current, cancellationToken);
        return new StepResult.Skipped("The provider makes the key.");
    }

    private async Task<StepResult> PrepareElsewhereAsync(RunContext context, ResolvedKeyBackend backend, PolicyState? existing, Secret? current, CancellationToken cancellationToken)
    {
        var resolved = context.Resolved;
        var inUse = current?.Data?.GetValueOrDefault(WellKnown.KeyReferenceKey) is { } json ? KeyReference.Parse(json) : null;
        var wish = new KeyWish(resolved.KeyKind, resolved.KeySize, resolved.Rotation == KeyRotation.Always, inUse);
        var opened = await backends.OpenAsync(context.Namespace, backend, cancellationToken);
        var key = await opened.PrepareAsync(wish, cancellationToken);
        context.Work.SetKey(key);
        if (inUse is not null)
        {
            await opened.RetireBeforeAsync(inUse, cancellationToken);
        }

        await state.StageAsync(context.Policy, context.Run, existing, key, current, cancellationToken);
        context.Work.NoOrderCanExist = existing?.IsStagedFor(context.Run.Metadata.Uid!) != true;
        return new StepResult.Done($"Key {key.Reference?.Key}{(key.Reference?.Version is { } version ? $", version {version}," : "")} is used.");
    }

    private static (PrivateKeyPair Key, string Message) NewOrCurrent(ResolvedPolicy resolved, Secret? current)
    {
        if (resolved.Rotation == KeyRotation.Never
            && TlsSecretContents.Parse(current?.Data) is TlsSecretContents.Pair pair && pair.KeyMatches(resolved.KeyKind, resolved.KeySize))
        {
            return (PrivateKeyPair.FromPem(Encoding.UTF8.GetString(current!.Data![WellKnown.TlsPrivateKeyKey])), "The key in the Secret is kept.");
        }

        return (PrivateKeyPair.Create(resolved.KeyKind, resolved.KeySize), $"A new {resolved.KeyAlgorithm.ToString().ToUpperInvariant()} {resolved.KeySize} key is staged.");
    }

    /// <summary>An earlier run whose signing request is with a person: the certificate that comes of it must still find its key.</summary>
    private CertificateRenewalRun? Waiting(RunContext context, PolicyState? existing)
        => context.Resolved.Provider != CertificateProviderKind.Manual ? null
            : runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(context.Run)).FirstOrDefault(r =>
                r.Status is { Phase: RunPhase.NeedsManual, Reason: RunReasons.AwaitsCertificate } ended
                && ended.RequestHash == context.Status.RequestHash
                && existing?.IsStagedFor(r.Metadata.Uid!) == true);

    /// <summary>
    /// Where the Secret was deleted or overwritten while its certificate is still good, the run that obtained it: its key is staged and
    /// its order is at the CA, so the Secret comes back without a new issuance.
    /// </summary>
    private CertificateRenewalRun? Restorable(RunContext context, PolicyState? existing)
    {
        var status = context.Policy.Status;
        if (!RenewalNeeds.IsRestorable(context.Run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason))
            || status?.Fingerprint is null || status.NotAfter is not { } end || end <= context.Now)
        {
            return null;
        }

        return runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(context.Run)).FirstOrDefault(r =>
            r.Status is { Phase: RunPhase.Succeeded, Order.Url.Length: > 0 } ended
            && ended.Certificate?.Fingerprint == status.Fingerprint
            && ended.RequestHash == context.Status.RequestHash
            && existing?.IsStagedFor(r.Metadata.Uid!) == true);
    }
}
