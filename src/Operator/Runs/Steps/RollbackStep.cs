using System.Text;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>Writes an earlier pair to the Secret again, and keeps the one that it replaces, so that this can be undone in the same way.</summary>
public sealed class RollbackStep(RenewalState state, TargetSecretWriter target, PolicyCredentials credentials, TargetSecrets secrets)
{
    public async Task<StepResult> ExecuteAsync(RunContext context, string fingerprint, CancellationToken cancellationToken)
    {
        var resolved = context.Resolved;
        var (existing, finding) = await secrets.ReadAsync(context.Policy, resolved, cancellationToken);
        switch (finding)
        {
            case SecretFinding.Untouchable untouchable:
                return new StepResult.Failed(untouchable.Reason, untouchable.Message, null);

            case SecretFinding.Present { UpToDate: true, IssuedFrom: not null } present when present.Certificate.Fingerprint == fingerprint:
                return new StepResult.Done($"Secret {resolved.SecretName} holds the earlier certificate already.") { Certificate = present.Certificate };
        }

        var kept = await state.FindAsync(context.Policy, cancellationToken);
        if (KeptPair.Find(kept, fingerprint) is not { } pair)
        {
            var obstacle = kept?.KeptPairs().Select(p => p.Obstacle).OfType<string>().FirstOrDefault();
            return new StepResult.Failed(
                RunReasons.PairLost,
                $"{(obstacle is null ? "" : $"{obstacle} ")}Secret {Naming.StateSecret(context.Policy.Metadata.Name)} no longer keeps the pair of certificate {fingerprint[..Math.Min(16, fingerprint.Length)]}. Remove the policy's annotation {Crds.WellKnown.RollbackRequestedAt}, and a new one is issued.",
                null);
        }

        // A pair that somebody put there since is no pair of this policy, and must not push out the one that is restored.
        var restores = PolicyRollback.RequestOf(context.Run) is null && context.Policy.Status?.Rollback?.Fingerprint == fingerprint;
        if (!restores)
        {
            if (pair.DefectsFor(resolved, context.Now) is { Count: > 0 } defects)
            {
                return new StepResult.Failed(PolicyReasons.RollbackRefused, string.Join(" ", defects), null);
            }

            await state.ArchiveAsync(kept!, existing, cancellationToken);
        }

        using var key = PrivateKeyPair.FromPem(Encoding.UTF8.GetString(pair.PrivateKey));
        using var chain = CertificateChain.Parse(Encoding.UTF8.GetString(pair.Certificate), PemLimits.Stored);
        var password = await credentials.PasswordAsync(context.Namespace, resolved, cancellationToken);
        await target.WriteAsync(context.Policy, resolved, new PairOrigin(context.Run.Metadata.Name, pair.TakenOverFrom) { Server = pair.Server }, existing, key, chain, password, cancellationToken);
        var certificate = CertificateSummaries.From(chain.Facts);
        return new StepResult.Done($"Secret {resolved.SecretName} holds certificate {certificate.Serial} of {certificate.Issuer} again.") { Certificate = certificate };
    }
}
