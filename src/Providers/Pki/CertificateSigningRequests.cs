using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>Certificate signing requests (RFC 2986).</summary>
public static class CertificateSigningRequests
{
    // RFC 5280, appendix A.1: ub-common-name.
    private const int MaxCommonNameLength = 64;

    /// <summary>A signed request in DER. The names stand in the subject alternative name; order and spelling are kept.</summary>
    /// <param name="key">Signs the request; SHA-384 for P-384, else SHA-256.</param>
    /// <param name="commonName">For the subject, left out when longer than 64 characters or null.</param>
    /// <param name="dnsNames">DNS names and wildcards in ASCII.</param>
    /// <param name="ips">IP addresses.</param>
    public static byte[] CreateDer(PrivateKeyPair key, string? commonName, IReadOnlyList<string> dnsNames, IReadOnlyList<IPAddress> ips)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(dnsNames);
        ArgumentNullException.ThrowIfNull(ips);
        var subject = new X500DistinguishedNameBuilder();
        if (commonName is { Length: > 0 and <= MaxCommonNameLength })
        {
            subject.AddCommonName(commonName);
        }

        var request = key.Key switch
        {
            ECDsa ecdsa => new CertificateRequest(subject.Build(), ecdsa, ecdsa.KeySize > 256 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256),
            RSA rsa => new CertificateRequest(subject.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new PkiException(PkiReasons.UnsupportedKey, "A request can be signed with an RSA or ECDSA key only."),
        };
        if (dnsNames.Count + ips.Count > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var name in dnsNames)
            {
                names.AddDnsName(name);
            }

            foreach (var ip in ips)
            {
                names.AddIpAddress(ip);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        return request.CreateSigningRequest();
    }
}
