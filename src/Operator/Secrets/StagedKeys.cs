using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Keys;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Keys;

namespace CertOperator.Operator.Secrets;

/// <summary>Finds the key that is staged for a run, here or with a key backend.</summary>
public sealed class StagedKeys(RenewalState state, KeyBackends backends)
{
    /// <returns>Null where there is none any more.</returns>
    public async Task<ICertificateKey?> FindAsync(CertificateRenewalPolicy policy, CertificateRenewalRun run, ResolvedPolicy resolved, CancellationToken cancellationToken)
        => await OpenAsync(await state.FindAsync(policy, cancellationToken), run, resolved, cancellationToken);

    /// <inheritdoc cref="FindAsync"/>
    public async Task<ICertificateKey?> OpenAsync(PolicyState? stored, CertificateRenewalRun run, ResolvedPolicy resolved, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(resolved);
        return resolved.KeyBackend is not { } backend ? stored?.StagedFor(run)
            : stored?.StagedReferenceFor(run) is not { } reference ? null
            : await (await backends.OpenAsync(run.Metadata.Namespace!, backend, cancellationToken)).OpenAsync(reference, cancellationToken);
    }
}
