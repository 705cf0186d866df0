using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime.Internal.Auth;

namespace CertOperator.Providers.Dns.Route53;

/// <summary>Signs requests with AWS Signature Version 4; the key derivation and the signature itself are the AWS SDK's.</summary>
public static class AwsRequestSigner
{
    /// <summary>Adds the date, the session token and the signature to a request.</summary>
    /// <param name="request">A request whose query, if any, is in alphabetical order and percent-encoded.</param>
    /// <param name="body">Its body.</param>
    /// <param name="key">The key.</param>
    /// <param name="region">The region that it is signed for.</param>
    /// <param name="service">The service, such as route53.</param>
    /// <param name="now">The time.</param>
    public static void Sign(HttpRequestMessage request, string body, AwsAccessKey key, string region, string service, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        var url = request.RequestUri!;
        var date = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = url.Authority, ["x-amz-date"] = date };
        if (key.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
        }

        var signedHeaders = string.Join(';', headers.Keys);
        var canonical = string.Join(
            '\n',
            request.Method.Method,
            url.AbsolutePath,
            url.Query.TrimStart('?'),
            string.Concat(headers.Select(h => $"{h.Key}:{h.Value}\n")),
            signedHeaders,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body))));
        var result = AWS4Signer.ComputeSignature(key.Id, key.Secret, region, now.UtcDateTime, service, signedHeaders, canonical);
        foreach (var header in headers.Where(h => h.Key != "host"))
        {
            request.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        request.Headers.TryAddWithoutValidation("Authorization", result.ForAuthorizationHeader);
    }
}
