using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.PrivateCa;

/// <summary>The key pair of a CA, checked for what a CA must be before it signs. Owns key and certificates.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private readonly CertificateChain _chain;
    private readonly PrivateKeyPair _key;
    private readonly string _field;
    private readonly IReadOnlyList<NameConstraints> _constraints;

    private CertificateAuthority(CertificateChain chain, PrivateKeyPair key, string field)
    {
        (_chain, _key, _field) = (chain, key, field);
        _constraints = [.. chain.Certificates.Select(NameConstraints.Of).OfType<NameConstraints>()];
    }

    public X509Certificate2 Certificate => _chain.Leaf;

    /// <summary>The subject as people read it.</summary>
    public string Name => _chain.Facts.Subject;

    /// <summary>When the first of the CAs that a certificate rests on ends.</summary>
    public DateTimeOffset NotAfter => _chain.Certificates.Min(c => new DateTimeOffset(c.NotAfter.ToUniversalTime(), TimeSpan.Zero));

    /// <summary>What is sent after a leaf: the CA and those above it but for the root, which every client has of its own.</summary>
    public string IntermediatesPem => string.Concat(_chain.Certificates.Where(c => !ChainOrder.IsSelfIssued(c)).Select(c => c.ExportCertificatePem() + "\n"));

    internal HashAlgorithmName Hash => KeySignatures.HashFor(_key.Algorithm, _key.Size);

    internal bool ConstrainsSubjects => _constraints.Any(c => c.ConstrainSubjects);

    /// <exception cref="IssuanceException">It is no CA, or one that cannot sign now; a person has to mend that.</exception>
    public static CertificateAuthority Open(PrivateCaIssuer issuer, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        var where = $"{issuer.Field}.secretName: Secret {issuer.SecretName}";
        CertificateChain? chain = null;
        PrivateKeyPair? key = null;
        try
        {
            chain = CertificateChain.Parse(issuer.ChainPem, PemLimits.Stored);
            key = PrivateKeyPair.FromPem(issuer.KeyPem);
            if (FindDefect(chain, key, now) is { } defect)
            {
                throw Unusable($"{where} {defect}");
            }

            return new CertificateAuthority(chain, key, issuer.Field);
        }
        catch (Exception e) when (e is PkiException or AsnContentException or CryptographicException)
        {
            Close();
            throw Unusable($"{where} holds no usable CA. {(e is PkiException ? e.Message : "Its certificate has an extension that cannot be read.")}", e);
        }
        catch (IssuanceException)
        {
            Close();
            throw;
        }

        void Close()
        {
            chain?.Dispose();
            key?.Dispose();
        }
    }

    /// <summary>Refuses names that the CA must not issue for, before anything is signed.</summary>
    /// <exception cref="IssuanceException">There is such a name.</exception>
    public void CheckNames(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var problems = names.SelectMany(n => _constraints.Select(c => c.FindProblem(n))).OfType<string>().Distinct().ToList();
        if (problems.Count > 0)
        {
            throw new IssuanceException(IssuanceFailure.NeedsManual, IssuanceReasons.NameRefused, $"{string.Join("; ", problems)}. Take the name out of the policy, or name another CA in {_field}.secretName.");
        }
    }

    internal X509SignatureGenerator CreateGenerator() => _key.Key switch
    {
        ECDsa ecdsa => X509SignatureGenerator.CreateForECDsa(ecdsa),
        RSA rsa => X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
        _ => throw new PkiException(PkiReasons.UnsupportedKey, "A CA signs with an RSA or ECDSA key."),
    };

    public void Dispose()
    {
        _chain.Dispose();
        _key.Dispose();
    }

    private static string? FindDefect(CertificateChain chain, PrivateKeyPair key, DateTimeOffset now)
    {
        if (!PublicKeys.Same(chain.Leaf, key.SubjectPublicKeyInfo))
        {
            return "holds a key that is not that of its certificate. Put the CA's certificate first in tls.crt, and its key into tls.key.";
        }

        if (ChainLinks.FirstBroken(chain.Certificates) is { } broken)
        {
            return $"holds a broken chain: {ChainOrder.Name(chain.Certificates[broken.Index])} {broken.Defect}. Put the CA's own certificate first, then its issuer, and so on.";
        }

        for (var depth = 0; depth < chain.Certificates.Count; depth++)
        {
            if (FindDefect(chain.Certificates[depth], depth, now) is { } defect)
            {
                return $"cannot be used: {ChainOrder.Name(chain.Certificates[depth])} {defect}";
            }
        }

        return null;
    }

    /// <param name="authority">The CA, or one above it.</param>
    /// <param name="below">CAs between it and a leaf.</param>
    /// <param name="now">The time.</param>
    private static string? FindDefect(X509Certificate2 authority, int below, DateTimeOffset now)
    {
        var constraints = authority.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        var usage = authority.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        return constraints?.CertificateAuthority != true ? "is no CA: its basic constraints do not say so."
            : constraints.HasPathLengthConstraint && constraints.PathLengthConstraint < below ? $"allows {constraints.PathLengthConstraint} CAs below it, and there are {below}."
            : usage is not null && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign) ? "may not sign certificates: its key usage lacks keyCertSign."
            : authority.NotAfter.ToUniversalTime() <= now.UtcDateTime ? $"expired at {authority.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC. Renew it, and put the new pair into the Secret."
            : authority.NotBefore.ToUniversalTime() > now.UtcDateTime ? $"is not valid before {authority.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC."
            : null;
    }

    private static IssuanceException Unusable(string message, Exception? inner = null)
        => new(IssuanceFailure.NeedsManual, IssuanceReasons.AuthorityUnusable, message, inner: inner);
}
