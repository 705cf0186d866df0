using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Probing;

namespace CertOperator.Operator.Probing;

/// <summary>Asks the endpoints of a policy which certificate they serve.</summary>
public sealed class EndpointProber(TlsProber prober, TimeProvider timeProvider)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>All at once, so that this takes as long as the slowest of them.</summary>
    /// <param name="verification">The endpoints.</param>
    /// <param name="expected">Fingerprint of the certificate that they should serve; null while there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<EndpointSnapshot>> AskAsync(ResolvedVerification verification, string? expected, CancellationToken cancellationToken)
        => await Task.WhenAll(verification.Endpoints.Select(e => AskAsync(verification, e, expected, cancellationToken)));

    private async Task<EndpointSnapshot> AskAsync(ResolvedVerification verification, EndpointAddress address, string? expected, CancellationToken cancellationToken)
    {
        var result = await prober.ProbeAsync(
            new ProbeTarget
            {
                Host = address.Host,
                Port = address.Port,
                StartTls = verification.StartTls,
                ConnectTo = verification.ConnectTo,
                CaBundlePem = verification.CaBundle,
                WithStaple = true,
                Timeout = verification.Timeout < Patience ? verification.Timeout : Patience,
            },
            cancellationToken);
        return new EndpointSnapshot
        {
            Endpoint = address.ToString(),
            CheckedAt = timeProvider.GetUtcNow(),
            Reachable = result.Reachable,
            Matches = expected is not null && result.Leaf?.Fingerprint == expected,
            Certificate = result.Leaf is null ? null : CertificateSummaries.Served(result.Leaf),
            ChainLength = result.Leaf is null ? null : result.ChainLength,
            Protocol = result.Protocol,
            Trusted = result.Leaf is null ? null : result.ChainTrusted,
            Ocsp = result.Staple,
            Message = result.Error ?? (result.TrustErrors.Count == 0 ? null : Sentences.Join(result.TrustErrors)),
        };
    }
}
