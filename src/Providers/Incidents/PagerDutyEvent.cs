namespace CertOperator.Providers.Incidents;

/// <summary>The body of POST /v2/enqueue.</summary>
internal sealed record PagerDutyEvent
{
    public required string RoutingKey { get; init; }

    public required string EventAction { get; init; }

    public required string DedupKey { get; init; }

    public PagerDutyPayload? Payload { get; init; }

    public IReadOnlyList<PagerDutyLink>? Links { get; init; }

    public string? Client { get; init; }
}

internal sealed record PagerDutyPayload
{
    public required string Summary { get; init; }

    public required string Source { get; init; }

    public required string Severity { get; init; }

    public DateTimeOffset? Timestamp { get; init; }

    public string? Component { get; init; }

    public string? Group { get; init; }

    public string? Class { get; init; }

    public IncidentDocument? CustomDetails { get; init; }
}

internal sealed record PagerDutyLink(string Href, string Text);

internal sealed record PagerDutyAnswer(string? Status, IReadOnlyList<string>? Errors);
