using System.Globalization;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Webhooks;

/// <summary>
/// Posts a signed message through the egress check and judges the answer by its status alone: a tenant who chooses the address must
/// not read in a status what stands behind it.
/// </summary>
public sealed class WebhookSender(EgressHttpClients clients, TimeProvider timeProvider)
{
    /// <summary>How long one try may take.</summary>
    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(15);

    public async Task<WebhookOutcome> SendAsync(WebhookTarget target, WebhookMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(message);
        using var timeout = new CancellationTokenSource(TryTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var request = JsonPost.Request(target.Url, message.Body, WebhookSignature.Headers(message.Event, message.Delivery, target.SigningKey, message.Body, timeProvider.GetUtcNow()));
        try
        {
            using var response = await clients.Get(target.CaBundle).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(target.Url.Host, response);
        }
        catch (PkiException e)
        {
            return new WebhookOutcome.Refused($"caBundle: {e.Message} Give CA certificates in PEM.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Failed(target.Url.Host, e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WebhookOutcome.Retry(string.Create(CultureInfo.InvariantCulture, $"{target.Url.Host} did not answer within {TryTimeout.TotalSeconds:0} s."), null);
        }
    }

    private WebhookOutcome Judge(string host, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return status switch
        {
            >= 200 and < 300 => new WebhookOutcome.Delivered(status),
            >= 300 and < 400 => new WebhookOutcome.Refused(string.Create(CultureInfo.InvariantCulture, $"{host} answered {status}, a redirect, which is not followed. Give the address that it leads to.")),
            // RFC 9110: 408 and 5xx; RFC 8470: 425; RFC 6585: 429.
            408 or 425 or 429 or >= 500 => new WebhookOutcome.Retry(string.Create(CultureInfo.InvariantCulture, $"{host} answered {status}."), JsonPost.RetryAfter(response, timeProvider.GetUtcNow())),
            _ => new WebhookOutcome.Refused(string.Create(CultureInfo.InvariantCulture, $"{host} answered {status}. Check the address, and that the receiver takes the signature.")),
        };
    }

    private static WebhookOutcome Failed(string host, Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case EgressDeniedException:
                    return new WebhookOutcome.Refused(inner.Message);

                // Its owner may renew the server's certificate without anything changing here.
                case EgressConnectException or ServerNotTrustedException:
                    return new WebhookOutcome.Retry(inner.Message, null);
            }
        }

        return new WebhookOutcome.Retry($"The connection to {host} failed: {exception.GetBaseException().Message}", null);
    }
}
