using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Acme;

/// <summary>Checks the shape of a downloaded chain; what the certificates say is for the caller to check.</summary>
internal static class CertificateChainReader
{
    public static AcmeCertificateChain Read(AcmeResponse response, ServerUrls urls)
    {
        if (response.MediaType is not (null or "application/pem-certificate-chain" or "application/x-pem-file" or "application/x-x509-ca-cert"))
        {
            throw response.Unexpected("a certificate chain comes as application/pem-certificate-chain.");
        }

        if (response.Body.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)127))
        {
            throw response.Unexpected("the certificate chain is not ASCII text.");
        }

        var pem = Encoding.ASCII.GetString(response.Body);
        RequireOnlyCertificates(response, pem);
        Uri[] alternates = [.. LinkHeader.Targets(response.Links, "alternate").Select(l => urls.FromHeader(response.Url, l)).OfType<Uri>().Distinct()];
        return new AcmeCertificateChain(pem, alternates);
    }

    // The media type (RFC 8555 section 9.1) holds certificates and nothing else; a private key or parameters slipped in would end up in a Secret.
    private static void RequireOnlyCertificates(AcmeResponse response, string pem)
    {
        var rest = pem.AsSpan();
        var count = 0;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is not "CERTIFICATE")
            {
                throw response.Unexpected("the certificate chain holds PEM blocks that are no certificates.");
            }

            count++;
            rest = rest[fields.Location.End..];
        }

        if (count == 0 || rest.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            throw response.Unexpected("the body is not a PEM certificate chain.");
        }
    }
}
