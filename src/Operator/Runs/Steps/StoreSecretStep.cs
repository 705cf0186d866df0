using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;

namespace CertOperator.Operator.Runs.Steps;

/// <summary>Writes the Secret, after everything about the pair was checked.</summary>
public sealed class StoreSecretStep(IssuanceSteps issuance, TargetSecretWriter target, IssuerCredentials credentials, ObjectStore<CertificateRenewalPolicy> policies)
{
    public async Task<StepResult> ExecuteAsync(RunContext context, CancellationToken cancellationToken)
    {
        if (context.Work.Chain is null && await issuance.FinalizeAsync(context, cancellationToken) is not StepResult.Done and var again)
        {
            return again;
        }

        var resolved = context.Resolved;
        var chain = context.Work.Chain!;
        var existing = await target.FindAsync(context.Namespace, resolved.SecretName, cancellationToken);
        var finding = TargetSecretInspector.Inspect(existing, context.Policy, resolved, name => policies.Get(new NamespacedName(context.Namespace, name)) is not null);
        switch (finding)
        {
            case SecretFinding.Untouchable untouchable:
                return new StepResult.Failed(untouchable.Reason, untouchable.Message, null);

            case SecretFinding.Present { UpToDate: true, IssuedFrom: not null } present when present.Certificate.Fingerprint == chain.Facts.Fingerprint:
                return new StepResult.Done($"Secret {resolved.SecretName} holds the new certificate already.");
        }

        var password = await credentials.PasswordAsync(context.Namespace, resolved, cancellationToken);
        var key = await issuance.KeyAsync(context, cancellationToken);
        await target.WriteAsync(context.Policy, resolved, context.Run.Metadata.Name, existing, key!, chain, password, cancellationToken);
        return new StepResult.Done($"Secret {resolved.SecretName} holds the new certificate and its key.");
    }
}
