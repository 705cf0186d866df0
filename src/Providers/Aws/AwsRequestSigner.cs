using System.Globalization;
using System.Security.Cryptography;
using Amazon.Runtime.Internal.Auth;

namespace CertOperator.Providers.Aws;

/// <summary>Signs requests with AWS Signature Version 4; the key derivation and the signature itself are the AWS SDK's.</summary>
public static class AwsRequestSigner
{
    private const string AmazonPrefix = "x-amz-";

    /// <summary>Adds the date, the session token and the signature to a request. The host, the type of the body and Amazon's own headers are signed.</summary>
    /// <param name="request">A request whose query, if any, is in alphabetical order and percent-encoded.</param>
    /// <param name="body">Its body.</param>
    /// <param name="key">The key.</param>
    /// <param name="region">The region that it is signed for.</param>
    /// <param name="service">The service, such as route53.</param>
    /// <param name="now">The time.</param>
    public static void Sign(HttpRequestMessage request, ReadOnlySpan<byte> body, AwsAccessKey key, string region, string service, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(key);
        var url = request.RequestUri!;
        request.Headers.TryAddWithoutValidation("x-amz-date", now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        if (key.SessionToken is { } token)
        {
            request.Headers.TryAddWithoutValidation("x-amz-security-token", token);
        }

        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = url.Authority };
        foreach (var (name, values) in request.Headers.Where(h => h.Key.StartsWith(AmazonPrefix, StringComparison.OrdinalIgnoreCase)))
        {
            headers[name.ToLowerInvariant()] = string.Join(',', values);
        }

        if (request.Content?.Headers.ContentType is { } type)
        {
            headers["content-type"] = type.ToString();
        }

        var signedHeaders = string.Join(';', headers.Keys);
        var canonical = string.Join(
            '\n',
            request.Method.Method,
            url.AbsolutePath,
            url.Query.TrimStart('?'),
            string.Concat(headers.Select(h => $"{h.Key}:{h.Value}\n")),
            signedHeaders,
            Convert.ToHexStringLower(SHA256.HashData(body)));
        var result = AWS4Signer.ComputeSignature(key.Id, key.Secret, region, now.UtcDateTime, service, signedHeaders, canonical);
        request.Headers.TryAddWithoutValidation("Authorization", result.ForAuthorizationHeader);
    }
}
