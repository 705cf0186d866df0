using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.TestSupport.Certificates;

/// <summary>A certificate of a test CA with its key.</summary>
public sealed class IssuedLeaf(X509Certificate2 certificate, AsymmetricAlgorithm key, string intermediatesPem) : IDisposable
{
    public X509Certificate2 Certificate { get; } = certificate;

    public AsymmetricAlgorithm Key { get; } = key;

    public string KeyPem => Key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>The leaf alone.</summary>
    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>The leaf and its issuers without the root.</summary>
    public string ChainPem => Pem + intermediatesPem;

    /// <summary>The certificate in the form that a TLS server takes: with its key, and with its issuers.</summary>
    public ServerCertificate ServerSide()
    {
        var issuers = new X509Certificate2Collection();
        if (intermediatesPem.Length > 0)
        {
            issuers.ImportFromPem(intermediatesPem);
        }

        var withKey = Key switch
        {
            ECDsa ecdsa => Certificate.CopyWithPrivateKey(ecdsa),
            RSA rsa => Certificate.CopyWithPrivateKey(rsa),
            _ => throw new InvalidOperationException("The key is neither RSA nor ECDSA."),
        };
        return new ServerCertificate(withKey, issuers);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        Key.Dispose();
    }
}
