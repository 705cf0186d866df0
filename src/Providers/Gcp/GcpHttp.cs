using System.Net;
using System.Text;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Gcp;

/// <summary>Sends requests and reads answers, whole, up to a limit in size and time. Retries nothing.</summary>
internal static class GcpHttp
{
    private const int MaxBodyBytes = 1024 * 1024;

    public static async Task<GcpAnswer> SendAsync(EgressHttpClients clients, GcpAccess access, HttpRequestMessage request, string what, CancellationToken cancellationToken)
    {
        var endpoint = request.RequestUri!;
        try
        {
            using var response = await clients.GetCapped(access.CaBundle).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var body = await ResponseBody.ReadAsync(response, MaxBodyBytes, cancellationToken) ?? throw GcpFailures.Unreadable(access, endpoint, what);
            return new GcpAnswer(response.StatusCode, Encoding.UTF8.GetString(body), response.Headers.RetryAfter?.Delta);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw GcpFailures.FromTransport(e, endpoint, what);
        }
    }
}

internal sealed record GcpAnswer(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
