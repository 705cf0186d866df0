using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Providers.Incidents;

namespace CertOperator.Operator.Incidents;

/// <summary>
/// Who has been told what. Pure. Each receiver is brought to the latest revision, not through all of them: what was undone before it
/// could be told is not told.
/// </summary>
public static class IncidentDeliveries
{
    /// <summary>There is something new to tell, and everybody gets another chance to hear it.</summary>
    public static IncidentStatus Tell(IncidentStatus incident, IncidentChange change)
        => TryAgain(incident with { Revision = incident.Revision + 1, Change = change });

    /// <summary>As if no try had failed.</summary>
    public static IncidentStatus TryAgain(IncidentStatus incident)
        => incident with { Deliveries = [.. (incident.Deliveries ?? []).Select(d => d with { Attempts = null, NextTry = null, DeadLetter = null, Configuration = null })] };

    /// <summary>One delivery for each receiver. After the end nobody new is told.</summary>
    public static IncidentStatus WithSinks(IncidentStatus incident, IReadOnlyList<IncidentSinkSpec> sinks)
    {
        var before = (incident.Deliveries ?? []).ToDictionary(d => d.Sink, StringComparer.Ordinal);
        var deliveries = new List<IncidentDelivery>();
        foreach (var sink in sinks)
        {
            if (before.Remove(sink.Id, out var known) || incident.ResolvedAt is null)
            {
                deliveries.Add(Prepared(incident, known ?? new IncidentDelivery { Sink = sink.Id }, sink));
            }
        }

        // PagerDuty closes an incident only for the key that opened it, even if the settings no longer name it.
        if (before.TryGetValue(IncidentSinkSpec.PagerDuty.SinkId, out var opened) && opened.Revision is not null)
        {
            deliveries.Add(opened);
        }

        return incident with { Deliveries = deliveries.Count == 0 ? null : deliveries };
    }

    /// <summary>Over, and everybody knows who heard of it and can still be told.</summary>
    public static bool IsOver(IncidentStatus incident)
        => incident.ResolvedAt is not null
        && (incident.Deliveries ?? []).All(d => IsTold(incident, d) || d is { DeadLetter: true, Revision: null });

    public static bool IsTold(IncidentStatus incident, IncidentDelivery delivery) => delivery.Revision >= incident.Revision;

    public static bool HasDeadLetters(IncidentStatus incident) => incident.Deliveries?.Any(d => d.DeadLetter == true) == true;

    /// <summary>Kinds of the receivers that have not taken the latest news although it was tried, one for each.</summary>
    public static IEnumerable<string> Undelivered(IncidentStatus incident)
        => (incident.Deliveries ?? []).Where(d => !IsTold(incident, d) && (d.Attempts > 0 || d.DeadLetter == true)).Select(d => IncidentSinkSpec.KindOf(d.Sink));

    /// <summary>What this receiver has to hear.</summary>
    public static IncidentChange ChangeFor(IncidentStatus incident, IncidentDelivery delivery)
        => incident.ResolvedAt is not null ? IncidentChange.Resolved
            : delivery.Revision is null ? IncidentChange.Opened
            : incident.Change is IncidentChange.Acknowledged or IncidentChange.Reminded ? incident.Change
            : IncidentChange.Updated;

    /// <summary>The revision that a receiver has when it has taken what it has to hear: an opening says nothing of an acknowledgement.</summary>
    public static int RevisionAfter(IncidentStatus incident, IncidentDelivery delivery)
        => ChangeFor(incident, delivery) == IncidentChange.Opened && incident.Change == IncidentChange.Acknowledged ? incident.Revision - 1 : incident.Revision;

    /// <returns>The incident with what became of the tries; null when that was the end of it.</returns>
    public static IncidentStatus? Apply(IncidentStatus incident, IReadOnlyList<DeliveryResult> results, string seed, DateTimeOffset now)
    {
        var bySink = results.Where(r => r.DedupKey == incident.DedupKey).ToDictionary(r => r.Sink, StringComparer.Ordinal);
        var applied = incident with
        {
            Deliveries = incident.Deliveries is null ? null : [.. incident.Deliveries.Select(d => bySink.TryGetValue(d.Sink, out var result) ? Apply(incident, d, result, seed, now) : d)],
        };
        return IsOver(applied) ? null : applied;
    }

    /// <summary>When a receiver may be tried again; null where nothing is to be told or a change has to come first.</summary>
    public static DateTimeOffset? NextTry(IncidentStatus incident)
        => (incident.Deliveries ?? [])
            .Where(d => !IsTold(incident, d) && d.DeadLetter != true)
            .Select(d => (DateTimeOffset?)(d.NextTry ?? DateTimeOffset.MinValue))
            .Min();

    private static IncidentDelivery Prepared(IncidentStatus incident, IncidentDelivery delivery, IncidentSinkSpec sink)
    {
        if (delivery.Revision is null)
        {
            return sink is IncidentSinkSpec.PagerDuty pagerDuty ? delivery with { SecretName = pagerDuty.SecretName, Endpoint = pagerDuty.Endpoint } : delivery;
        }

        return !sink.TakesUpdates && ChangeFor(incident, delivery) is IncidentChange.Updated or IncidentChange.Acknowledged
            ? delivery with { Revision = incident.Revision, Attempts = null, NextTry = null, DeadLetter = null, LastError = null, Configuration = null }
            : delivery;
    }

    private static IncidentDelivery Apply(IncidentStatus incident, IncidentDelivery delivery, DeliveryResult result, string seed, DateTimeOffset now)
    {
        if (result.Outcome is DeliveryOutcome.Delivered)
        {
            return delivery with
            {
                Revision = Math.Max(delivery.Revision ?? 0, result.RevisionAfter),
                DeliveredAt = now,
                Attempts = null,
                NextTry = null,
                LastError = null,
                DeadLetter = null,
                Configuration = null,
            };
        }

        // What failed may be about something that is no longer to be told.
        if (result.ForRevision != incident.Revision)
        {
            return delivery;
        }

        var attempts = (delivery.DeadLetter == true ? 0 : delivery.Attempts ?? 0) + 1;
        return result.Outcome switch
        {
            DeliveryOutcome.Retry retry when attempts < DeliveryBackoff.MaxAttempts => delivery with
            {
                Attempts = attempts,
                NextTry = now + Longer(DeliveryBackoff.Delay(attempts, $"{seed}/{delivery.Sink}"), retry.RetryAfter),
                LastError = retry.Message,
                DeadLetter = null,
                Configuration = null,
            },
            DeliveryOutcome.Retry retry => Dead(delivery, attempts, retry.Message, result.Configuration),
            DeliveryOutcome.Refused refused => Dead(delivery, attempts, refused.Message, result.Configuration),
            _ => delivery,
        };
    }

    private static IncidentDelivery Dead(IncidentDelivery delivery, int attempts, string error, string? configuration)
        => delivery with { Attempts = attempts, NextTry = null, LastError = error, DeadLetter = true, Configuration = configuration };

    private static TimeSpan Longer(TimeSpan backoff, TimeSpan? asked) => asked > backoff ? asked.Value : backoff;
}
