namespace CertOperator.Operator.Telemetry;

/// <summary>Values of the label <c>sink</c>.</summary>
public static class IncidentSinkKinds
{
    public const string Event = "event";
    public const string PagerDuty = "pagerduty";
    public const string Webhook = "webhook";
    public const string Slack = "slack";
    public const string Email = "email";

    public static IReadOnlyList<string> All { get; } = [Event, PagerDuty, Webhook, Slack, Email];
}
