using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Deployments;

/// <summary>A certificate and its issuers in PEM, as targets take them: apart, in order, and the first issuer there.</summary>
/// <param name="Fingerprint">SHA-256 of the leaf, hexadecimal.</param>
/// <param name="LeafPem">The leaf alone.</param>
/// <param name="IssuersPem">What comes after it; empty where nothing does.</param>
/// <param name="MissingIssuer">The issuer that neither the CA sent nor a bundle holds; null where the leaf has its issuer, or none but itself.</param>
public sealed record TargetChain(string Fingerprint, string LeafPem, string IssuersPem, string? MissingIssuer)
{
    /// <summary>CAs send no root, so a certificate that a root has issued comes alone; what is missing is then taken from a bundle.</summary>
    /// <param name="chain">What the CA sent.</param>
    /// <param name="bundle">CA certificates in PEM; null where there are none.</param>
    /// <exception cref="PkiException">The bundle cannot be read.</exception>
    public static TargetChain Of(CertificateChain chain, string? bundle)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var path = chain.Certificates.ToList();
        using var authorities = bundle is null || path.Count > 1 ? null : CaBundle.Parse(bundle);
        while (authorities is not null && !ChainOrder.IsSelfIssued(path[^1])
            && authorities.Certificates.FirstOrDefault(c => ChainOrder.Issued(c, path[^1]) && ChainLinks.FirstBroken([path[^1], c]) is null && !path.Contains(c)) is { } issuer)
        {
            path.Add(issuer);
        }

        return new TargetChain(
            chain.Facts.Fingerprint,
            chain.LeafPem,
            string.Concat(path.Skip(1).Select(c => c.ExportCertificatePem() + "\n")),
            path.Count == 1 && !ChainOrder.IsSelfIssued(chain.Leaf) ? DistinguishedNames.Show(chain.Leaf.IssuerName) : null);
    }
}
