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
            return new GcpAnswer(response.StatusCode, await ReadAsync(response, access, endpoint, what, cancellationToken), response.Headers.RetryAfter?.Delta);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw GcpFailures.FromTransport(e, endpoint, what);
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, GcpAccess access, Uri endpoint, string what, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        using var body = new MemoryStream();
        while (await stream.ReadAsync(buffer, cancellationToken) is var length and > 0)
        {
            body.Write(buffer, 0, length);
            if (body.Length > MaxBodyBytes)
            {
                throw GcpFailures.Unreadable(access, endpoint, what);
            }
        }

        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }
}

internal sealed record GcpAnswer(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
