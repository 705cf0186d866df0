using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.TestSupport;

/// <summary>HTTP clients that trust one certificate authority and no other.</summary>
public static class PrivateTrust
{
    /// <summary>A client for a server whose certificate was issued by an authority in <paramref name="caPem"/>.</summary>
    public static HttpClient CreateHttpClient(string caPem)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(caPem);
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy }, UseProxy = false });
    }
}
