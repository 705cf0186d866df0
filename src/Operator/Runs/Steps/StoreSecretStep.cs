using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>Writes the Secret, after everything about the pair was checked.</summary>
public sealed class StoreSecretStep(IssuanceSteps issuance, StagedKeys staged, TargetSecretWriter target, PolicyCredentials credentials, TargetSecrets secrets)
{
    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Status.Resolution is { } resolution)
        {
            if (await TakeOverAsync(context, resolution, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }
        else if (context.Work.Chain is null && await issuance.FinalizeAsync(context, cancellationToken) is not StepResult.Done and var again)
        {
            return again;
        }

        var resolved = context.Resolved;
        var chain = context.Work.Chain!;
        var (existing, finding) = await secrets.ReadAsync(context.Policy, resolved, cancellationToken);
        switch (finding)
        {
            case SecretFinding.Untouchable untouchable:
                return new StepResult.Failed(untouchable.Reason, untouchable.Message, null);

            case SecretFinding.Present { UpToDate: true, IssuedFrom: not null } present when present.Certificate.Fingerprint == chain.Facts.Fingerprint:
                return new StepResult.Done($"Secret {resolved.SecretName} holds the new certificate already.");
        }

        var password = await credentials.PasswordAsync(context.Namespace, resolved, cancellationToken);
        var key = await issuance.KeyAsync(context, cancellationToken);
        if (key is null)
        {
            return new StepResult.GoBack(StepName.PrepareKey, RunReasons.KeyLost, "The key that was staged for this run is gone, or is no key any more.");
        }

        var origin = new PairOrigin(context.Run.Metadata.Name, context.Status.Resolution?.SecretName);
        await target.WriteAsync(context.Policy, resolved, origin, existing, key, chain, password, cancellationToken);
        return new StepResult.Done($"Secret {resolved.SecretName} holds the new certificate and {(resolved.KeyStays ? "says where its key is" : "its key")}.")
        {
            // A provider that keeps no orders has signed once more after a restart.
            Certificate = CertificateSummaries.From(chain.Facts),
            Warning = finding.Leftovers is { Count: > 0 } leftovers ? SecretLeftovers.Describe(resolved.SecretName, leftovers) : null,
        };
    }

    /// <summary>Reads the pair again: the status must not hold a key.</summary>
    private async Task<StepResult?> TakeOverAsync(RunContext context, RunResolution resolution, CancellationToken cancellationToken)
    {
        if (context.Work.Chain?.Facts.Fingerprint == resolution.Fingerprint)
        {
            return null;
        }

        try
        {
            var secret = await target.FindAsync(context.Namespace, resolution.SecretName, cancellationToken);
            var pair = await ProvidedPair.ReadAsync(secret, resolution.SecretName, context.Resolved, ct => staged.FindAsync(context.Policy, context.Run, context.Resolved, ct), context.Now, cancellationToken);
            context.Work.SetKey(pair.Key);
            context.Work.SetChain(pair.Chain);
            return pair.Chain.Facts.Fingerprint == resolution.Fingerprint
                ? null
                : new StepResult.NeedsManual(RunReasons.ResolutionLost, $"Secret {resolution.SecretName} holds another certificate than the one that was checked. To have that one taken over, remove annotation {WellKnown.ResolveWithSecret} of the run and set it again.");
        }
        catch (CredentialException e)
        {
            return new StepResult.NeedsManual(RunReasons.ResolutionLost, e.Message);
        }
    }
}
