using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>Puts the issuers behind a leaf in order. Names decide here; signatures are <see cref="ChainLinks"/>' work.</summary>
internal static class ChainOrder
{
    /// <summary>The leaf, its issuer, that one's issuer, and so on.</summary>
    /// <exception cref="PkiException">DuplicateCertificate, WrongOrder, UnrelatedCertificate or BrokenChain.</exception>
    public static List<X509Certificate2> Sort(IReadOnlyList<X509Certificate2> certificates)
    {
        RefuseDuplicates(certificates);
        var leaf = certificates[0];
        var rest = certificates.Skip(1).ToList();
        if (rest.Exists(c => Issued(leaf, c)))
        {
            throw new PkiException(PkiReasons.WrongOrder, $"The chain begins with {Name(leaf)}, which issued another of its certificates; the leaf has to come first.");
        }

        var path = new List<X509Certificate2>(certificates.Count) { leaf };
        while (rest.Count > 0)
        {
            var last = path[^1];
            var issuer = IsSelfIssued(last) ? null : rest.Find(c => Issued(c, last));
            if (issuer is null)
            {
                throw Incomplete(last, rest);
            }

            path.Add(issuer);
            rest.Remove(issuer);
        }

        return path;
    }

    public static bool IsSelfIssued(X509Certificate2 certificate) => SameName(certificate.SubjectName, certificate.IssuerName);

    public static string Name(X509Certificate2 certificate) => DistinguishedNames.Show(certificate.SubjectName);

    private static void RefuseDuplicates(IReadOnlyList<X509Certificate2> certificates)
    {
        for (var i = 1; i < certificates.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (certificates[i].RawDataMemory.Span.SequenceEqual(certificates[j].RawDataMemory.Span))
                {
                    throw new PkiException(PkiReasons.DuplicateCertificate, string.Create(CultureInfo.InvariantCulture, $"Certificates {j + 1} and {i + 1} of the chain are the same: {Name(certificates[i])}."));
                }
            }
        }
    }

    private static PkiException Incomplete(X509Certificate2 last, List<X509Certificate2> rest)
    {
        // A certificate that is no CA, or any after the root, can never become a part of this chain. Another CA shows
        // that one between is missing.
        var stranger = IsSelfIssued(last) ? rest[0] : rest.Find(c => !IsAuthority(c));
        return stranger is not null
            ? new PkiException(PkiReasons.UnrelatedCertificate, $"The chain holds {Name(stranger)}, which issued none of the others; it does not belong there.")
            : new PkiException(PkiReasons.BrokenChain, $"The chain lacks {DistinguishedNames.Show(last.IssuerName)}, the issuer of {Name(last)}.");
    }

    public static bool Issued(X509Certificate2 issuer, X509Certificate2 certificate)
    {
        if (ReferenceEquals(issuer, certificate) || !SameName(issuer.SubjectName, certificate.IssuerName))
        {
            return false;
        }

        var wanted = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        var offered = issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault()?.SubjectKeyIdentifierBytes;
        return wanted is not { } w || offered is not { } o || w.Span.SequenceEqual(o.Span);
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority == true;

    // Some CAs write the same name with another string type in the issuer than in the subject (RFC 5280, section 7.1).
    private static bool SameName(X500DistinguishedName a, X500DistinguishedName b) =>
        a.RawData.AsSpan().SequenceEqual(b.RawData) || string.Equals(a.Name, b.Name, StringComparison.OrdinalIgnoreCase);
}
