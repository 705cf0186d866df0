using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CertOperator.Kubernetes;

/// <summary>What a connection is made with. Another instance means that connections made before are not to be used further.</summary>
internal sealed class TlsIdentity(X509Certificate2Collection? authorities, SslStreamCertificateContext? clientCertificate)
{
    /// <summary>Null: those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; } = authorities;

    public SslStreamCertificateContext? ClientCertificate { get; } = clientCertificate;

    public static X509Certificate2Collection ParseAuthorities(byte[] pem, string origin)
    {
        var certificates = ParseCertificates(pem, origin);
        return certificates.Count > 0
            ? certificates
            : throw new KubernetesConfigurationException($"{origin} holds no PEM certificate");
    }

    /// <param name="certificatePem">The leaf, then intermediates.</param>
    /// <param name="keyPem">The leaf's key.</param>
    /// <param name="origin">For messages.</param>
    public static SslStreamCertificateContext ParseClientCertificate(byte[] certificatePem, byte[] keyPem, string origin)
    {
        var chain = ParseCertificates(certificatePem, origin);
        if (chain.Count == 0)
        {
            throw new KubernetesConfigurationException($"{origin} holds no PEM certificate");
        }

        try
        {
            var leaf = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(certificatePem), Encoding.ASCII.GetString(keyPem));
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KubernetesConfigurationException($"{origin}: the client key is not readable PEM, or not the certificate's key", e);
        }
    }

    private static X509Certificate2Collection ParseCertificates(byte[] pem, string origin)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.ASCII.GetString(pem));
            return certificates;
        }
        catch (CryptographicException e)
        {
            throw new KubernetesConfigurationException($"{origin} holds a PEM block that is not a certificate", e);
        }
    }
}
