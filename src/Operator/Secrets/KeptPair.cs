using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Secrets;

/// <summary>An earlier pair of a policy, as its internal Secret keeps it.</summary>
/// <param name="Certificate">The chain in PEM.</param>
/// <param name="PrivateKey">The key in PEM.</param>
/// <param name="Server">The server that issued it; null where nobody noted it.</param>
/// <param name="TakenOverFrom">The Secret that a person provided it in; null where it was issued.</param>
public sealed record KeptPair(byte[] Certificate, byte[] PrivateKey, string? Server, string? TakenOverFrom)
{
    /// <summary>Why the key cannot be read; null where it can.</summary>
    public string? Obstacle { get; init; }

    // The text that records write of themselves would name what is in them.
    public override string ToString() => nameof(KeptPair);

    /// <summary>The pair that was in use before the one in use, checked; or why there is none that can be put back.</summary>
    /// <param name="state">The internal Secret; null where there is none.</param>
    /// <param name="inUse">Fingerprint of the certificate in use; null where there is none.</param>
    /// <param name="policy">What the certificate must serve.</param>
    /// <param name="now">The time to judge validity at.</param>
    public static RollbackCandidate Choose(PolicyState? state, string? inUse, ResolvedPolicy policy, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var pairs = state?.KeptPairs().ToList() ?? [];
        if (policy.KeyStays)
        {
            return new RollbackCandidate.Refused($"The private key stays where it was made, so no earlier pair is kept here. Ask for a renewal instead: annotation {WellKnown.RenewRequestedAt}.");
        }

        if (pairs.Count == 0)
        {
            return new RollbackCandidate.Refused("No earlier pair is kept: the certificate in use is the first one.");
        }

        foreach (var pair in pairs)
        {
            if (pair.Facts() is not { } facts)
            {
                return new RollbackCandidate.Refused($"The earlier pair that is kept cannot be used. {pair.Defect()}");
            }

            if (facts.Fingerprint == inUse)
            {
                continue;
            }

            var defects = pair.DefectsFor(policy, now);
            return defects.Count == 0
                ? new RollbackCandidate.Possible(CertificateSummaries.From(facts))
                : new RollbackCandidate.Refused($"Certificate {facts.Serial}, the one before, cannot be put back. {string.Join(" ", defects)}");
        }

        return new RollbackCandidate.Refused("The only earlier pair that is kept is the one in use.");
    }

    /// <summary>The pair with a certificate of that fingerprint; null where it is no longer kept.</summary>
    public static KeptPair? Find(PolicyState? state, string fingerprint)
        => state?.KeptPairs().FirstOrDefault(p => p.Facts()?.Fingerprint == fingerprint);

    /// <summary>What speaks against putting it into use now.</summary>
    public IReadOnlyList<string> DefectsFor(ResolvedPolicy policy, DateTimeOffset now)
    {
        using var key = PrivateKeyPair.FromPem(Encoding.UTF8.GetString(PrivateKey));
        using var chain = CertificateChain.Parse(Encoding.UTF8.GetString(Certificate), PemLimits.Stored);
        // A certificate for more names, or a wildcard, serves as well.
        return [.. IssuedCertificateCheck.Check(chain, key, policy.Names, now)
            .Where(d => d is not CertificateDefect.UnexpectedName && !(d is CertificateDefect.NameMissing missing && NameCoverage.Covers(chain.Facts.Names, missing.Name)))
            .Select(d => d.Message)];
    }

    private CertificateFacts? Facts() => (Contents() as TlsSecretContents.Pair)?.Facts;

    private string? Defect() => Obstacle ?? (Contents() as TlsSecretContents.Defective)?.Message;

    private TlsSecretContents Contents()
        => TlsSecretContents.Parse(new Dictionary<string, byte[]> { [WellKnown.TlsCertificateKey] = Certificate, [WellKnown.TlsPrivateKeyKey] = PrivateKey });
}

/// <summary>What a rollback would put back: a closed set.</summary>
public abstract record RollbackCandidate
{
    private RollbackCandidate()
    {
    }

    /// <summary>This certificate.</summary>
    public sealed record Possible(CertificateSummary Certificate) : RollbackCandidate;

    /// <summary>None, and why.</summary>
    public sealed record Refused(string Message) : RollbackCandidate;
}
