using System.Net;
using System.Text;
using CertOperator.Providers.Challenges;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Dns.Api;

/// <summary>Carries requests to a DNS provider's HTTP API and turns what goes wrong into what a run can do about it. Retries nothing.</summary>
/// <param name="http">Dials through the egress check and follows no redirect.</param>
/// <param name="provider">What people know the provider by.</param>
/// <param name="credentials">Field of the solver that the credentials are named in, for advice.</param>
public sealed class DnsApi(HttpClient http, string provider, string credentials)
{
    private const int MaxBodyBytes = 1024 * 1024;
    private const int MaxExcerpt = 300;

    public string Provider => provider;

    /// <summary>Sends a request and hands back the answer if its status is a success or one of <paramref name="expected"/>.</summary>
    /// <exception cref="IssuanceException">The provider refused, has a fault, or cannot be reached.</exception>
    public async Task<DnsApiAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken, params HttpStatusCode[] expected)
    {
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var answer = new DnsApiAnswer(response.StatusCode, await ReadAsync(response, cancellationToken), response.Headers.ETag?.ToString());
            return response.IsSuccessStatusCode || expected.Contains(response.StatusCode) ? answer : throw Refusal(request, response, answer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw FromTransport(request, e);
        }
    }

    /// <summary>An answer that is not what the provider's documentation says.</summary>
    public IssuanceException Unexpected(string what) => new(IssuanceFailure.Failed, ChallengeReasons.DnsApiError, $"{provider} answered {what}. Check the endpoint of the solver.");

    public IssuanceException NoZone(string name, string advice) => new(IssuanceFailure.Failed, ChallengeReasons.DnsZoneNotFound, $"{provider} has no zone that holds {name}, or the credentials may not see it. {advice}");

    /// <summary>Somebody else changes the same record set all the time.</summary>
    public IssuanceException Contended(string name) => new(IssuanceFailure.Transient, ChallengeReasons.DnsApiError, $"The records at {name} at {provider} were changed by others each time that they were to be changed; the operator tries again.");

    /// <summary>One line of what a server said, without anything that a terminal or a log would act on.</summary>
    public static string Excerpt(string text) => ServerWords.Excerpt(text, MaxExcerpt);

    private async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        => await ResponseBody.ReadAsync(response, MaxBodyBytes, cancellationToken) is { } body ? Encoding.UTF8.GetString(body) : throw Unexpected($"more than {MaxBodyBytes / 1024} KiB");

    private IssuanceException Refusal(HttpRequestMessage request, HttpResponseMessage response, DnsApiAnswer answer)
    {
        var status = (int)response.StatusCode;
        var what = $"{provider} answered {request.Method} {request.RequestUri!.AbsolutePath} with {status}{(answer.Body.Length == 0 ? "" : ": ")}{Excerpt(answer.Body)}";
        var retryAfter = response.Headers.RetryAfter?.Delta;
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.DnsApiRefused, $"{what}. Check {credentials} and what the credentials may do."),
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout
                => new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsApiError, $"{what}. The operator tries again.", retryAfter),
            _ => new IssuanceException(IssuanceFailure.Failed, ChallengeReasons.DnsApiRefused, $"{what}."),
        };
    }

    private IssuanceException FromTransport(HttpRequestMessage request, Exception exception)
        => TransportFailures.Find(exception, connect => new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsApiUnreachable, $"{provider}: {connect.Message}", inner: exception))
        ?? new IssuanceException(IssuanceFailure.Transient, ChallengeReasons.DnsApiUnreachable, $"{provider} at {request.RequestUri!.Authority} cannot be reached: {exception.Message}", inner: exception);
}

/// <summary>What a DNS provider answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body, decoded from UTF-8.</param>
/// <param name="ETag">The entity tag, quoted as it came; null where there is none.</param>
public sealed record DnsApiAnswer(HttpStatusCode Status, string Body, string? ETag);
