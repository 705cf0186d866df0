using System.Text.Json;
using CertOperator.Providers.Webhooks;

namespace CertOperator.Providers.Incidents;

/// <summary>POST of a JSON document, signed so that the receiver can tell who sent it and when.</summary>
internal sealed class WebhookSink(MessagePoster poster, IncidentTarget.Webhook target, TimeProvider timeProvider) : IIncidentSink
{
    public async Task DeliverAsync(IncidentNotice notice, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(IncidentDocument.Of(notice), MessageJsonContext.Default.IncidentDocument);
        await poster.PostAsync(
            target.Url,
            target.CaBundle,
            body,
            WebhookSignature.Headers(IncidentDocument.Word(notice.Change), notice.DeliveryId, target.SigningKey, body, timeProvider.GetUtcNow()),
            // Nobody knows what a server behind a proxy means by 404: all is tried again.
            static (_, _) => Task.FromResult<string?>(null),
            cancellationToken);
    }
}
