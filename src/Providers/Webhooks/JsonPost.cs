using System.Net.Http.Headers;

namespace CertOperator.Providers.Webhooks;

/// <summary>What every POST of a message has in common, whoever receives it.</summary>
internal static class JsonPost
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    public static HttpRequestMessage Request(Uri url, byte[] json, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("CertOperator", null));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    /// <summary>How long the receiver asks to wait, at most a day; null where it does not (RFC 9110, section 10.2.3).</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => TimeSpan.Zero,
        };
        return wait <= TimeSpan.Zero ? null : wait < LongestRetryAfter ? wait : LongestRetryAfter;
    }
}
