using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.VaultPki;

/// <summary>
/// Puts together what a PKI engine answers in pieces: the certificate, its issuer, and the issuers above, which come in any order, twice,
/// or with others that sign the same CA. Pure.
/// </summary>
internal static class VaultPkiChain
{
    /// <param name="certificate">The certificate in PEM.</param>
    /// <param name="issuers">CA certificates in PEM, each one or several.</param>
    /// <returns>The chain in PEM, leaf first, without the root: clients use their own copy of that.</returns>
    /// <exception cref="PkiException">An issuer is missing, or something is no certificate.</exception>
    public static string Assemble(string certificate, IEnumerable<string> issuers)
    {
        using var leaf = CertificateChain.Parse(certificate, PemLimits.Issued);
        var pool = CertificateReader.Read(string.Join('\n', issuers.Prepend(leaf.LeafPem)), PemLimits.Issued.BundleBytes, "answer of the PKI engine", allowText: false);
        try
        {
            var path = new List<X509Certificate2> { leaf.Leaf };
            while (!ChainOrder.IsSelfIssued(path[^1]) && FindIssuer(path, pool) is { } issuer)
            {
                path.Add(issuer);
            }

            RequireWhole(path, pool);
            return string.Concat(path.Where((c, i) => i == 0 || !ChainOrder.IsSelfIssued(c)).Select(c => c.ExportCertificatePem() + "\n"));
        }
        finally
        {
            pool.ForEach(c => c.Dispose());
        }
    }

    /// <summary>Of the certificates of one CA that others have signed, rather one that leads on.</summary>
    private static X509Certificate2? FindIssuer(List<X509Certificate2> path, List<X509Certificate2> pool)
    {
        var issuers = pool.FindAll(c => ChainOrder.Issued(c, path[^1]) && !path.Exists(p => Same(p, c)));
        return issuers.Find(c => ChainOrder.IsSelfIssued(c) || pool.Exists(i => ChainOrder.Issued(i, c))) ?? issuers.FirstOrDefault();
    }

    /// <summary>Below a root that was not sent nothing else may be left but other certificates of the CAs on the path: any other CA shows that one between is missing.</summary>
    private static void RequireWhole(List<X509Certificate2> path, List<X509Certificate2> pool)
    {
        var last = path[^1];
        if (ChainOrder.IsSelfIssued(last))
        {
            return;
        }

        if (path.Count == 1 || pool.Exists(c => !path.Exists(p => Same(p, c) || AreTwins(p, c))))
        {
            throw new PkiException(PkiReasons.BrokenChain, $"The chain lacks {DistinguishedNames.Show(last.IssuerName)}, the issuer of {ChainOrder.Name(last)}.");
        }
    }

    private static bool AreTwins(X509Certificate2 a, X509Certificate2 b)
        => a.SubjectName.RawData.AsSpan().SequenceEqual(b.SubjectName.RawData) && a.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(b.PublicKey.ExportSubjectPublicKeyInfo());

    private static bool Same(X509Certificate2 a, X509Certificate2 b) => a.RawDataMemory.Span.SequenceEqual(b.RawDataMemory.Span);
}
