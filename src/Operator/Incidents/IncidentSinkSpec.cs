using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Incidents;

/// <summary>Who is to be told, as policy and settings say it, without credentials: a closed set.</summary>
public abstract record IncidentSinkSpec
{
    private IncidentSinkSpec(string id, string kind) => (Id, Kind) = (id, kind);

    /// <summary>The name in the status.</summary>
    public string Id { get; }

    /// <summary>One of <see cref="IncidentSinkKinds"/>.</summary>
    public string Kind { get; }

    /// <summary>Whether it makes something of what changes between the beginning and the end; people would only be disturbed once more.</summary>
    public bool TakesUpdates => this is PagerDuty or Webhook;

    public static IReadOnlyList<IncidentSinkSpec> Of(PolicySpec policy, IncidentSettings? settings)
        =>
        [
            .. settings?.PagerDuty is { } pagerDuty ? [new PagerDuty(pagerDuty.RoutingKeySecretName, pagerDuty.Endpoint)] : Array.Empty<IncidentSinkSpec>(),
            .. (settings?.Webhooks ?? []).Select(w => new Webhook(w)),
            .. settings?.Slack is { } slack ? [new Slack(slack)] : Array.Empty<IncidentSinkSpec>(),
            .. (policy.NotifyOnFailure ?? []).Distinct(StringComparer.OrdinalIgnoreCase).Select(to => new Mail(settings?.Email, to)),
        ];

    /// <summary>The kind of a receiver by its name in the status.</summary>
    public static string KindOf(string id) => id switch
    {
        PagerDuty.SinkId => IncidentSinkKinds.PagerDuty,
        Slack.SinkId => IncidentSinkKinds.Slack,
        _ when id.StartsWith(Webhook.IdPrefix, StringComparison.Ordinal) => IncidentSinkKinds.Webhook,
        _ => IncidentSinkKinds.Email,
    };

    public sealed record PagerDuty(string SecretName, string? Endpoint) : IncidentSinkSpec(SinkId, IncidentSinkKinds.PagerDuty)
    {
        public const string SinkId = "pagerDuty";
    }

    public sealed record Webhook(WebhookSettings Settings) : IncidentSinkSpec(IdPrefix + Settings.Name, IncidentSinkKinds.Webhook)
    {
        public const string IdPrefix = "webhook/";
    }

    public sealed record Slack(SlackSettings Settings) : IncidentSinkSpec(SinkId, IncidentSinkKinds.Slack)
    {
        public const string SinkId = "slack";
    }

    /// <summary>One address; without settings the mail cannot be sent, which has to be said.</summary>
    public sealed record Mail(MailSettings? Settings, string To) : IncidentSinkSpec($"email/{To}", IncidentSinkKinds.Email);
}
