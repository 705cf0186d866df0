using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Keys;

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
        var request = key.Key switch
        {
            ECDsa ecdsa => new CertificateRequest(Subject(commonName), ecdsa, KeySignatures.HashFor(key.Algorithm, key.Size)),
            RSA rsa => new CertificateRequest(Subject(commonName), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => throw new PkiException(PkiReasons.UnsupportedKey, "A request can be signed with an RSA or ECDSA key only."),
        };
        AddNames(request, dnsNames, ips);
        return request.CreateSigningRequest();
    }

    /// <summary>The same with a key that may live elsewhere: what is to be signed is laid out here and signed there.</summary>
    /// <exception cref="Issuance.IssuanceException">The key's backend refused or cannot be reached.</exception>
    public static async Task<byte[]> CreateDerAsync(ICertificateKey key, string? commonName, IReadOnlyList<string> dnsNames, IReadOnlyList<IPAddress> ips, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(dnsNames);
        ArgumentNullException.ThrowIfNull(ips);
        if (key is PrivateKeyPair pair)
        {
            return CreateDer(pair, commonName, dnsNames, ips);
        }

        var request = new CertificateRequest(Subject(commonName), PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo, out _), KeySignatures.HashFor(key.Algorithm, key.Size));
        AddNames(request, dnsNames, ips);
        var layout = new LayoutOnly(key);
        request.CreateSigningRequest(layout);
        var signature = await key.SignAsync(layout.ToBeSigned, cancellationToken);

        // RFC 2986, section 4.2.
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(layout.ToBeSigned);
            writer.WriteEncodedValue(KeySignatures.AlgorithmIdentifier(key.Algorithm, key.Size));
            writer.WriteBitString(signature);
        }

        return writer.Encode();
    }

    private static X500DistinguishedName Subject(string? commonName)
    {
        var subject = new X500DistinguishedNameBuilder();
        if (commonName is { Length: > 0 and <= MaxCommonNameLength })
        {
            subject.AddCommonName(commonName);
        }

        return subject.Build();
    }

    private static void AddNames(CertificateRequest request, IReadOnlyList<string> dnsNames, IReadOnlyList<IPAddress> ips)
    {
        if (dnsNames.Count + ips.Count == 0)
        {
            return;
        }

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

    /// <summary>The platform signs synchronously, which a key elsewhere cannot: it only lays out what is to be signed.</summary>
    private sealed class LayoutOnly(ICertificateKey key) : X509SignatureGenerator
    {
        public byte[] ToBeSigned { get; private set; } = [];

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => KeySignatures.AlgorithmIdentifier(key.Algorithm, key.Size);

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm)
        {
            ToBeSigned = data;
            return [0];
        }

        protected override PublicKey BuildPublicKey() => PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo, out _);
    }
}
