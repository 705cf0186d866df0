using System.Globalization;
using System.Text.Json;
using CertOperator.Crds.Policies;

namespace CertOperator.Providers.Incidents;

/// <summary>An incoming webhook of Slack; Mattermost and others take the same document.</summary>
/// <seealso href="https://api.slack.com/messaging/webhooks"/>
internal sealed class SlackSink(MessagePoster poster, IncidentTarget.Slack target) : IIncidentSink
{
    private const int MaxValue = 2000;

    public async Task DeliverAsync(IncidentNotice notice, CancellationToken cancellationToken)
    {
        var fields = IncidentText.Facts(notice).Select(f => new SlackField(f.Name, Escape(IncidentText.Line(f.Value, MaxValue)), f.Value.Length < 40));
        var message = new SlackMessage(
            Escape(IncidentText.Line(notice.Summary, MaxValue)),
            [new SlackAttachment(Colour(notice), Escape(IncidentText.Line(notice.Summary, MaxValue)), [.. fields], notice.Runbook is null ? null : "What to do first", notice.Runbook?.AbsoluteUri)]);
        await poster.PostAsync(
            target.Url,
            caBundle: null,
            JsonSerializer.SerializeToUtf8Bytes(message, MessageJsonContext.Default.SlackMessage),
            [],
            RefusedAsync,
            cancellationToken);
    }

    private Task<string?> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        => Task.FromResult((int)response.StatusCode is var status and not (408 or 429) and < 500
            ? string.Create(CultureInfo.InvariantCulture, $"{target.Url.Host} refused the message ({status}). Check that the webhook still exists and that its channel is not archived.")
            : null);

    private static string Colour(IncidentNotice notice) => notice switch
    {
        { Change: IncidentChange.Resolved } => "#2e7d32",
        { Severity: Criticality.Low } => "#1565c0",
        { Severity: Criticality.Medium } => "#f9a825",
        _ => "#c62828",
    };

    /// <summary>The three characters by which text could become a link or call everybody in the channel.</summary>
    private static string Escape(string text)
        => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
