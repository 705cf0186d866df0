using System.Globalization;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Webhooks;

namespace CertOperator.Providers.Incidents;

/// <summary>
/// Posts a JSON message and judges the answer. What the receiver sent back goes into no error text, nor does the URL: a tenant who
/// chooses the one must not read the other in a status, and URLs hold tokens.
/// </summary>
internal sealed class MessagePoster(EgressHttpClients clients, TimeProvider timeProvider)
{
    /// <param name="url">Where to.</param>
    /// <param name="caBundle">CAs to trust besides the system's.</param>
    /// <param name="json">The message.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="refused">For an answer that no repetition will change: the whole sentence to tell; null for one that it may.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="IncidentDeliveryException">The answer was not 2xx, or there was none.</exception>
    public async Task PostAsync(
        Uri url,
        string? caBundle,
        byte[] json,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        Func<HttpResponseMessage, CancellationToken, Task<string?>> refused,
        CancellationToken cancellationToken)
    {
        using var request = JsonPost.Request(url, json, headers);
        try
        {
            using var response = await clients.Get(caBundle).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await JudgeAsync(url, response, refused, cancellationToken);
        }
        catch (PkiException e)
        {
            throw new IncidentDeliveryException($"caBundle: {e.Message} Give CA certificates in PEM.", canRetry: false, inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw DeliveryFailures.Of(e, url.Host);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IncidentDeliveryException($"{url.Host} did not answer in time.", canRetry: true, inner: e);
        }
    }

    private async Task JudgeAsync(Uri url, HttpResponseMessage response, Func<HttpResponseMessage, CancellationToken, Task<string?>> refused, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        switch (status)
        {
            case >= 200 and < 300:
                return;

            case >= 300 and < 400:
                throw new IncidentDeliveryException(
                    string.Create(CultureInfo.InvariantCulture, $"{url.Host} answered {status}, a redirect, which is not followed. Give the address that it leads to."),
                    canRetry: false);

            default:
                if (await refused(response, cancellationToken) is { } why)
                {
                    throw new IncidentDeliveryException(why, canRetry: false);
                }

                throw new IncidentDeliveryException(string.Create(CultureInfo.InvariantCulture, $"{url.Host} answered {status}."), canRetry: true, JsonPost.RetryAfter(response, timeProvider.GetUtcNow()));
        }
    }
}
