using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;

namespace CertOperator.Operator.Secrets;

/// <summary>Looks at the pair that a policy is asked to take over, before a run is made for it or told of it.</summary>
public sealed class ProvidedPairs(TargetSecretWriter secrets, StagedKeys staged, TimeProvider timeProvider)
{
    /// <param name="policy">The policy.</param>
    /// <param name="resolved">What it wants.</param>
    /// <param name="active">The run in progress, for whose key the certificate may be; null without one.</param>
    /// <param name="cancellationToken">Ends the reads.</param>
    /// <returns>Null where nothing is asked.</returns>
    public async Task<TakeoverCandidate?> JudgeAsync(CertificateRenewalPolicy policy, ResolvedPolicy resolved, CertificateRenewalRun? active, CancellationToken cancellationToken)
    {
        if (PolicyTakeover.Request(policy, policy.Status) is not { } order)
        {
            return null;
        }

        if (new RunRequest.Resolve(order.Secret, order.By).Defect() is { } defect)
        {
            return new TakeoverCandidate.Refused(order, defect);
        }

        var (_, refusal) = await CheckAsync(policy, order.Secret, resolved, active, cancellationToken);
        return refusal is null ? new TakeoverCandidate.Possible(order) : new TakeoverCandidate.Refused(order, refusal);
    }

    /// <param name="policy">The policy.</param>
    /// <param name="secretName">Where the pair is.</param>
    /// <param name="resolved">What the policy wants.</param>
    /// <param name="run">The run for whose key the certificate may be; null without one.</param>
    /// <param name="cancellationToken">Ends the reads.</param>
    /// <returns>The certificate, or why it is not taken over and what to do.</returns>
    public async Task<(CertificateSummary? Certificate, string? Refusal)> CheckAsync(
        CertificateRenewalPolicy policy, string secretName, ResolvedPolicy resolved, CertificateRenewalRun? run, CancellationToken cancellationToken)
    {
        try
        {
            var secret = await secrets.FindAsync(policy.Metadata.Namespace!, secretName, cancellationToken);
            using var pair = await ProvidedPair.ReadAsync(
                secret, secretName, resolved, ct => run is null ? Task.FromResult<ICertificateKey?>(null) : staged.FindAsync(policy, run, resolved, ct), timeProvider.GetUtcNow(), cancellationToken);
            return (CertificateSummaries.From(pair.Chain.Facts), null);
        }
        catch (Exception e) when (e is CredentialException or MasterKeyException { MayPass: false } or IssuanceException { Failure: not IssuanceFailure.Transient })
        {
            return (null, $"{e.Message} {ReopeningObstacles.AskAnew}");
        }
    }
}
