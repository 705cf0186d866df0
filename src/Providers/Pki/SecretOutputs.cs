using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CertOperator.Providers.Pki;

/// <summary>Further forms of a key pair in the Secret, for servers that cannot read tls.crt and tls.key. All hold the private key.</summary>
public static class SecretOutputs
{
    public const string CombinedPemKey = "tls-combined.pem";
    public const string DerKey = "key.der";
    public const string Pkcs12Key = "keystore.p12";

    // The password lies in a Secret beside the keystore, so more rounds would cost every renewal and protect nothing.
    private const int Iterations = 10_000;

    /// <summary>The private key (PKCS#8) followed by the chain, in PEM.</summary>
    public static byte[] CombinedPem(PrivateKeyPair key, CertificateChain chain)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(chain);
        return Encoding.ASCII.GetBytes(key.ToPkcs8Pem() + chain.ToPem());
    }

    /// <summary>The private key as PKCS#8 DER.</summary>
    public static byte[] Der(PrivateKeyPair key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Key.ExportPkcs8PrivateKey();
    }

    /// <summary>
    /// Key, leaf and issuers in a PKCS#12 file (RFC 7292) with PBES2, AES-256 and SHA-256. Salts are random: two calls
    /// give different bytes for the same pair, so it is written when the pair changes and not compared.
    /// </summary>
    /// <exception cref="PkiException">The chain's leaf is for another key: <see cref="PkiReasons.KeyMismatch"/>.</exception>
    public static byte[] Pkcs12(PrivateKeyPair key, CertificateChain chain, string password)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(password);
        if (!PublicKeys.Same(chain.Leaf, key.SubjectPublicKeyInfo))
        {
            throw new PkiException(PkiReasons.KeyMismatch, "The key is not that of the certificate, so no keystore can hold both.");
        }

        using var leaf = key.Key switch
        {
            ECDsa ecdsa => chain.Leaf.CopyWithPrivateKey(ecdsa),
            RSA rsa => chain.Leaf.CopyWithPrivateKey(rsa),
            _ => throw new PkiException(PkiReasons.UnsupportedKey, "A keystore can hold an RSA or ECDSA key only."),
        };
        var all = new X509Certificate2Collection { leaf };
        for (var i = 1; i < chain.Certificates.Count; i++)
        {
            all.Add(chain.Certificates[i]);
        }

        return all.ExportPkcs12(new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Iterations), password);
    }
}
