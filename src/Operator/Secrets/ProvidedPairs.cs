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

        try
        {
            var secret = await secrets.FindAsync(policy.Metadata.Namespace!, order.Secret, cancellationToken);
            using var pair = await ProvidedPair.ReadAsync(
                secret, order.Secret, resolved, ct => active is null ? Task.FromResult<ICertificateKey?>(null) : staged.FindAsync(policy, active, resolved, ct), timeProvider.GetUtcNow(), cancellationToken);
            return new TakeoverCandidate.Possible(order);
        }
        catch (Exception e) when (e is CredentialException or MasterKeyException { MayPass: false } or IssuanceException { Failure: not IssuanceFailure.Transient })
        {
            return new TakeoverCandidate.Refused(order, $"{e.Message} {ReopeningObstacles.AskAnew}");
        }
    }
}
