using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.TestSupport.Aws;

/// <summary>Verifies AWS Signature Version 4 by its published steps, from the request as it came.</summary>
internal static partial class SignatureCheck
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>The code and the sentence that AWS answers with, and who signed.</summary>
    public static (string Code, string Message)? FindProblem(ProxiedRequest request, string region, string service, IReadOnlyCollection<FakeAwsUser> users, IEnumerable<TimeProvider> clocks, out FakeAwsUser? user)
    {
        user = null;
        if (Header(request, "Authorization") is not { } authorization)
        {
            return ("MissingAuthenticationTokenException", "Missing Authentication Token");
        }

        Match match = Authorization().Match(authorization);
        if (!match.Success)
        {
            return ("IncompleteSignatureException", "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters.");
        }

        user = users.FirstOrDefault(u => u.AccessKeyId == match.Groups["key"].Value);
        if (user is null || Header(request, "X-Amz-Security-Token") != user.SessionToken)
        {
            user = null;
            return ("UnrecognizedClientException", "The security token included in the request is invalid.");
        }

        if (match.Groups["service"].Value != service)
        {
            return ("InvalidSignatureException", $"Credential should be scoped to correct service: '{service}'.");
        }

        if (match.Groups["region"].Value != region)
        {
            return ("InvalidSignatureException", "Credential should be scoped to a valid region.");
        }

        string date = Header(request, "X-Amz-Date") ?? "";
        if (!DateTimeOffset.TryParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset signed)
            || !date.StartsWith(match.Groups["day"].Value, StringComparison.Ordinal)
            || !clocks.Any(c => (c.GetUtcNow() - signed).Duration() < Skew))
        {
            return ("InvalidSignatureException", $"Signature not yet current or expired: {date}");
        }

        string[] names = match.Groups["headers"].Value.Split(';');
        IEnumerable<string> required = request.Headers.Select(h => h.Key.ToLowerInvariant()).Where(h => h.StartsWith("x-amz-", StringComparison.Ordinal) || h is "host" or "content-type");
        if (!names.SequenceEqual(names.Order(StringComparer.Ordinal)) || required.Except(names).ToList() is { Count: > 0 })
        {
            return ("InvalidSignatureException", "'Host', 'Content-Type' and every 'X-Amz-' header must be a 'SignedHeader' in the AWS Authorization, in order.");
        }

        if (match.Groups["signature"].Value != Compute(request, names, date, match, user.SecretAccessKey))
        {
            return ("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
        }

        return user.IsExpired ? ("ExpiredTokenException", "The security token included in the request is expired") : null;
    }

    public static string? Header(ProxiedRequest request, string name)
        => request.Headers.Where(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).FirstOrDefault();

    private static string Compute(ProxiedRequest request, string[] names, string date, Match match, string secret)
    {
        string[] target = request.Target.Split('?', 2);
        string query = target.Length == 1 ? "" : string.Join('&', target[1].Split('&').Order(StringComparer.Ordinal));
        var canonical = new StringBuilder();
        canonical.Append(request.Method).Append('\n').Append(target[0]).Append('\n').Append(query).Append('\n');
        foreach (string name in names)
        {
            canonical.Append(name).Append(':').Append(Spaces().Replace((Header(request, name) ?? "").Trim(), " ")).Append('\n');
        }

        canonical.Append('\n').Append(string.Join(';', names)).Append('\n').Append(Hex(SHA256.HashData(request.Body)));
        string scope = $"{match.Groups["day"].Value}/{match.Groups["region"].Value}/{match.Groups["service"].Value}/aws4_request";
        string toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        byte[] key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        return Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=(?<key>[A-Z0-9]{16,128})/(?<day>[0-9]{8})/(?<region>[a-z0-9-]+)/(?<service>[a-z0-9]+)/aws4_request, ?SignedHeaders=(?<headers>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex Authorization();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
