using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>What has to hold before a certificate may replace the one in use.</summary>
public static class IssuedCertificateCheck
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string AnyExtendedKeyUsage = "2.5.29.37.0";

    /// <summary>A CA's clock may be ahead by this much.</summary>
    public static readonly TimeSpan NotBeforeSkew = TimeSpan.FromMinutes(5);

    /// <inheritdoc cref="Check(CertificateChain, ReadOnlySpan{byte}, IReadOnlyList{string}, DateTimeOffset)"/>
    public static IReadOnlyList<CertificateDefect> Check(CertificateChain chain, PrivateKeyPair key, IReadOnlyList<string> wantedNames, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Check(chain, key.SubjectPublicKeyInfo, wantedNames, now);
    }

    /// <summary>All defects, the gravest first; empty when the certificate is good.</summary>
    /// <param name="chain">What the CA sent.</param>
    /// <param name="subjectPublicKeyInfo">The public key in DER that the certificate was requested for.</param>
    /// <param name="wantedNames">DNS names, wildcards and IP addresses that have to be in the certificate, each of them literally and no others.</param>
    /// <param name="now">The time to judge validity at.</param>
    public static IReadOnlyList<CertificateDefect> Check(CertificateChain chain, ReadOnlySpan<byte> subjectPublicKeyInfo, IReadOnlyList<string> wantedNames, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(wantedNames);
        var defects = new List<CertificateDefect>();
        if (!PublicKeys.Same(chain.Leaf, subjectPublicKeyInfo))
        {
            defects.Add(new CertificateDefect.KeyMismatch());
        }

        AddNameDefects(chain.Facts, wantedNames, defects);
        AddValidityDefects(chain, now, defects);
        AddUsageDefects(chain.Leaf, defects);
        if (ChainLinks.FirstBroken(chain.Certificates) is { } broken)
        {
            defects.Add(new CertificateDefect.BrokenChain(broken.Index, $"certificate {(broken.Index + 1).ToString(CultureInfo.InvariantCulture)}, {ChainOrder.Name(chain.Certificates[broken.Index])}, {broken.Defect}"));
        }

        return defects;
    }

    private static void AddNameDefects(CertificateFacts facts, IReadOnlyList<string> wantedNames, List<CertificateDefect> defects)
    {
        var present = facts.Names.Select(Canonical).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var wanted = wantedNames.Select(Canonical).ToHashSet(StringComparer.OrdinalIgnoreCase);
        defects.AddRange(wanted.Where(n => !present.Contains(n)).Select(n => new CertificateDefect.NameMissing(n)));
        defects.AddRange(present.Where(n => !wanted.Contains(n)).Select(n => new CertificateDefect.UnexpectedName(Printable(n))));
    }

    private static void AddValidityDefects(CertificateChain chain, DateTimeOffset now, List<CertificateDefect> defects)
    {
        if (chain.Facts.NotBefore > now + NotBeforeSkew)
        {
            defects.Add(new CertificateDefect.NotYetValid(chain.Facts.NotBefore, now));
        }

        if (chain.Facts.NotAfter <= now)
        {
            defects.Add(new CertificateDefect.Expired(chain.Facts.NotAfter, now));
        }

        for (var i = 1; i < chain.Certificates.Count; i++)
        {
            // A root at the end is there for information; clients use their own copy of it.
            if (!ChainOrder.IsSelfIssued(chain.Certificates[i]) && chain.Certificates[i].NotAfter.ToUniversalTime() <= now.UtcDateTime)
            {
                defects.Add(new CertificateDefect.BrokenChain(i, $"its issuer {ChainOrder.Name(chain.Certificates[i])} has expired"));
            }
        }
    }

    private static void AddUsageDefects(X509Certificate2 leaf, List<CertificateDefect> defects)
    {
        if (leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(c => c.CertificateAuthority))
        {
            defects.Add(new CertificateDefect.NotALeaf());
        }

        var usages = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToList();
        if (usages.Count > 0 && !usages.SelectMany(u => u.EnhancedKeyUsages.Cast<Oid>()).Any(o => o.Value is ServerAuth or AnyExtendedKeyUsage))
        {
            defects.Add(new CertificateDefect.NotAServerCertificate());
        }
    }

    // One spelling per address, so that comparing text compares bytes.
    private static string Canonical(string name) =>
        name.Contains(':') || char.IsAsciiDigit(name.Length > 0 ? name[^1] : ' ')
            ? IPAddress.TryParse(name, out var address) ? address.ToString() : name
            : name;

    private static string Printable(string name) => string.Concat(name.Take(253).Select(c => char.IsControl(c) ? '?' : c));
}
