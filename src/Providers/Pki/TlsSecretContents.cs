using System.Text;
using CertOperator.Providers.Keys;

namespace CertOperator.Providers.Pki;

/// <summary>What the data of a kubernetes.io/tls Secret holds. Keeps no key and no handle.</summary>
public abstract record TlsSecretContents
{
    public const string CertificateKey = "tls.crt";
    public const string PrivateKeyKey = "tls.key";

    /// <summary>Says where the key is, in a Secret that does not hold it.</summary>
    public const string KeyReferenceKey = "key-reference";

    /// <summary>A key and a certificate for it. Whether it is valid now, for which names and from whom is for others to judge.</summary>
    /// <param name="Facts">The leaf's facts.</param>
    /// <param name="Algorithm">The private key's kind.</param>
    /// <param name="KeySize">The private key's size in bits.</param>
    /// <param name="ChainLength">Number of certificates, the leaf included.</param>
    public sealed record Pair(CertificateFacts Facts, KeyAlgorithm Algorithm, int KeySize, int ChainLength) : TlsSecretContents
    {
        /// <summary>Whether the key is of this kind and size.</summary>
        public bool KeyMatches(KeyAlgorithm algorithm, int size) => Algorithm == algorithm && KeySize == size;
    }

    /// <summary>No usable pair.</summary>
    /// <param name="Reason">DoesNotExist, MissingData, InvalidCertificate or InvalidKeyPair of <see cref="PkiReasons"/>.</param>
    /// <param name="Message">A sentence on what was found.</param>
    public sealed record Defective(string Reason, string Message) : TlsSecretContents;

    /// <summary>Judges the data of a Secret whose key is kept elsewhere; null stands for a Secret that does not exist.</summary>
    public static TlsSecretContents ParseReferenced(IReadOnlyDictionary<string, byte[]>? data, PemLimits? limits = null)
    {
        limits ??= PemLimits.Stored;
        if (data is null)
        {
            return new Defective(PkiReasons.DoesNotExist, "The Secret does not exist.");
        }

        if (Missing(data, (CertificateKey, limits.ChainBytes), (KeyReferenceKey, limits.KeyBytes)) is { } missing)
        {
            return missing;
        }

        try
        {
            using var chain = CertificateChain.Parse(Encoding.UTF8.GetString(data[CertificateKey]), limits);
            if (KeyReference.Parse(data[KeyReferenceKey]) is not { } reference)
            {
                return new Defective(PkiReasons.InvalidKeyPair, $"The Secret's {KeyReferenceKey} says of no key where it is.");
            }

            using var key = HeldKey.Of(chain.Leaf, reference);
            return reference.PublicKeySha256 == KeyReference.Fingerprint(key.SubjectPublicKeyInfo)
                ? new Pair(chain.Facts, key.Algorithm, key.Size, chain.Certificates.Count)
                : new Defective(PkiReasons.InvalidKeyPair, $"The Secret's {KeyReferenceKey} names another key than that of its {CertificateKey}.");
        }
        catch (PkiException e)
        {
            return new Defective(PkiReasons.InvalidCertificate, $"The Secret's {CertificateKey} cannot be used: {e.Message}");
        }
    }

    /// <summary>Judges a Secret's data; null stands for a Secret that does not exist.</summary>
    public static TlsSecretContents Parse(IReadOnlyDictionary<string, byte[]>? data, PemLimits? limits = null)
    {
        limits ??= PemLimits.Stored;
        if (data is null)
        {
            return new Defective(PkiReasons.DoesNotExist, "The Secret does not exist.");
        }

        if (Missing(data, (CertificateKey, limits.ChainBytes), (PrivateKeyKey, limits.KeyBytes)) is { } missing)
        {
            return missing;
        }

        return Parse(data[CertificateKey], data[PrivateKeyKey], limits);
    }

    private static Defective? Missing(IReadOnlyDictionary<string, byte[]> data, params ReadOnlySpan<(string Name, int Max)> wanted)
    {
        foreach (var (name, max) in wanted)
        {
            if (!data.TryGetValue(name, out var value) || value is not { Length: > 0 })
            {
                return new Defective(PkiReasons.MissingData, $"The Secret has no {name}.");
            }

            if (value.Length > max)
            {
                return new Defective(name == CertificateKey ? PkiReasons.InvalidCertificate : PkiReasons.InvalidKeyPair, $"The Secret's {name} is larger than any {(name == CertificateKey ? "certificate chain" : "private key")} may be.");
            }
        }

        return null;
    }

    private static TlsSecretContents Parse(byte[] certificate, byte[] privateKey, PemLimits limits)
    {
        CertificateChain chain;
        try
        {
            chain = CertificateChain.Parse(Encoding.UTF8.GetString(certificate), limits);
        }
        catch (PkiException e)
        {
            return new Defective(PkiReasons.InvalidCertificate, $"The Secret's {CertificateKey} cannot be used: {e.Message}");
        }

        using (chain)
        {
            try
            {
                using var key = PrivateKeyPair.FromPem(Encoding.UTF8.GetString(privateKey), limits);
                return PublicKeys.Same(chain.Leaf, key.SubjectPublicKeyInfo)
                    ? new Pair(chain.Facts, key.Algorithm, key.Size, chain.Certificates.Count)
                    : new Defective(PkiReasons.InvalidKeyPair, $"The Secret's {PrivateKeyKey} is not the key of its {CertificateKey}.");
            }
            catch (PkiException e)
            {
                return new Defective(PkiReasons.InvalidKeyPair, $"The Secret's {PrivateKeyKey} cannot be used: {e.Message}");
            }
        }
    }
}
