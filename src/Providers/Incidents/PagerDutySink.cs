using System.Globalization;
using System.Text.Json;
using CertOperator.Crds.Policies;

namespace CertOperator.Providers.Incidents;

/// <summary>PagerDuty's Events API v2: trigger, acknowledge and resolve by a key that makes them one incident.</summary>
/// <seealso href="https://developer.pagerduty.com/docs/send-alert-event"/>
internal sealed class PagerDutySink(MessagePoster poster, IncidentTarget.PagerDuty target) : IIncidentSink
{
    private const string Path = "/v2/enqueue";
    private const int MaxSummary = 1024;
    private const int MaxAnswerBytes = 16 * 1024;

    public async Task DeliverAsync(IncidentNotice notice, CancellationToken cancellationToken)
    {
        if (notice.Supersedes is { } before)
        {
            await EnqueueAsync(new PagerDutyEvent { RoutingKey = target.RoutingKey, EventAction = "resolve", DedupKey = before }, cancellationToken);
        }

        await EnqueueAsync(EventFor(notice), cancellationToken);
    }

    private PagerDutyEvent EventFor(IncidentNotice notice)
        => new()
        {
            RoutingKey = target.RoutingKey,
            DedupKey = notice.DedupKey,
            EventAction = notice.Change switch
            {
                IncidentChange.Acknowledged => "acknowledge",
                IncidentChange.Resolved => "resolve",
                // A trigger with a key that is open adds to its incident.
                _ => "trigger",
            },
            Client = "CertOperator",
            Links = notice.Runbook is { } runbook ? [new PagerDutyLink(runbook.AbsoluteUri, "What to do first")] : null,
            Payload = new PagerDutyPayload
            {
                Summary = IncidentText.Line(notice.Summary, MaxSummary),
                Source = $"{notice.Cluster}/{notice.Namespace}/{notice.Policy}",
                Severity = notice.Severity switch
                {
                    Criticality.Low => "info",
                    Criticality.Medium => "warning",
                    Criticality.High => "error",
                    _ => "critical",
                },
                Timestamp = notice.ResolvedAt ?? notice.Since,
                Component = notice.Hostname,
                Group = notice.Namespace,
                Class = notice.Cause.ToString(),
                CustomDetails = IncidentDocument.Of(notice),
            },
        };

    private async Task EnqueueAsync(PagerDutyEvent message, CancellationToken cancellationToken)
        => await poster.PostAsync(
            new Uri(target.Endpoint, Path),
            caBundle: null,
            JsonSerializer.SerializeToUtf8Bytes(message, IncidentJsonContext.Default.PagerDutyEvent),
            [],
            RefusedAsync,
            cancellationToken);

    private async Task<string?> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500)
        {
            return null;
        }

        var errors = status == 400 ? await ErrorsAsync(response, cancellationToken) : "";
        return string.Create(CultureInfo.InvariantCulture, $"{target.Endpoint.Host} refused the event ({status}{errors}). Check that the routing key is the integration key of an Events API v2 service.");
    }

    /// <summary>PagerDuty's own complaints, and nothing of an answer in any other form.</summary>
    private async Task<string> ErrorsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxAnswerBytes];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            var answer = JsonSerializer.Deserialize(buffer.AsSpan(0, length), IncidentJsonContext.Default.PagerDutyAnswer);
            var errors = answer is { Status: "invalid event", Errors: { Count: > 0 } given } ? string.Join("; ", given.Take(5)) : "";
            return errors.Length == 0 ? "" : $": {IncidentText.Line(errors, 300).Replace(target.RoutingKey, "[routing key]", StringComparison.Ordinal)}";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
