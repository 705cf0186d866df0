using System.Globalization;

namespace CertOperator.Operator.Pacing;

/// <summary>Whether one more event fits into a budget, and whose turn it is where it does not do for all. Pure.</summary>
public static class BudgetRules
{
    /// <summary>A run that is under way may fail and leave its place to another.</summary>
    private static readonly TimeSpan Unaccounted = TimeSpan.FromMinutes(1);

    /// <summary>Whoever lets another namespace go first looks again soon: it may turn out not to need its share.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    /// <param name="limit">The budget.</param>
    /// <param name="what">What is counted, for the message.</param>
    /// <param name="claims">Everybody who draws on the budget, the one who asks included.</param>
    /// <param name="asking">Who asks.</param>
    /// <param name="now">The time.</param>
    public static IssuanceWait? Check(IssuanceLimit limit, string what, IReadOnlyList<BudgetClaim> claims, BudgetClaim asking, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(limit);
        ArgumentNullException.ThrowIfNull(claims);
        ArgumentNullException.ThrowIfNull(asking);
        var times = claims.SelectMany(c => c.Times).Where(t => now - t < limit.Window).Order().ToList();
        var underWay = claims.Count(c => c.UnderWay && c != asking);
        var used = times.Count + underWay;
        if (used >= limit.Count)
        {
            // Room for one more is there when this many of the oldest have left the window.
            var leaving = used - limit.Count;
            var budget = string.Create(CultureInfo.InvariantCulture, $"The budget of {limit.Count} {what} in {Span(limit.Window)} is used up");
            if (leaving >= times.Count)
            {
                return new IssuanceWait(now + Unaccounted, now + Unaccounted, PacingReasons.BudgetExhausted, $"{budget} by runs that are under way.");
            }

            var free = times[leaving] + limit.Window;
            var again = underWay > 0 && now + Unaccounted < free ? now + Unaccounted : free;
            return new IssuanceWait(free, again, PacingReasons.BudgetExhausted, string.Create(CultureInfo.InvariantCulture, $"{budget}; the next one is free at {free:yyyy-MM-dd HH:mm} UTC."));
        }

        return Share(limit, what, claims, asking, used, now);
    }

    /// <summary>While there is not enough for all that wait, the namespace that has had least goes first.</summary>
    private static IssuanceWait? Share(IssuanceLimit limit, string what, IReadOnlyList<BudgetClaim> claims, BudgetClaim asking, int used, DateTimeOffset now)
    {
        var waiting = claims.Where(c => c.Wants && !c.UnderWay).Select(c => c.Namespace).ToList();
        if (waiting.Count <= limit.Count - used)
        {
            return null;
        }

        int Had(string ns) => claims.Where(c => c.Namespace == ns).Sum(c => c.Times.Count(t => now - t < limit.Window) + (c.UnderWay && c != asking ? 1 : 0));
        var mine = Had(asking.Namespace);
        var first = waiting.Distinct(StringComparer.Ordinal).Where(ns => ns != asking.Namespace).Select(ns => (Namespace: ns, Had: Had(ns))).OrderBy(n => n.Had).FirstOrDefault();
        return first.Namespace is not null && first.Had < mine
            ? new IssuanceWait(now + Turn, now + Turn, PacingReasons.FairShare, string.Create(CultureInfo.InvariantCulture, $"The budget of {limit.Count} {what} in {Span(limit.Window)} does not do for all that wait, and namespace {first.Namespace} has had fewer."))
            : null;
    }

    private static string Span(TimeSpan span)
        => span.TotalDays >= 1 && span.Hours == 0 ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} day{(span.TotalDays < 2 ? "" : "s")}")
            : span.TotalHours >= 1 && span.Minutes == 0 ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} hour{(span.TotalHours < 2 ? "" : "s")}")
            : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} seconds");
}

/// <summary>What one policy has drawn from a budget and still wants.</summary>
/// <param name="Uid">The policy.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Times">When it drew.</param>
/// <param name="UnderWay">A run of it is in progress and may draw.</param>
/// <param name="Wants">It is due.</param>
public sealed record BudgetClaim(string Uid, string Namespace, IReadOnlyList<DateTimeOffset> Times, bool UnderWay, bool Wants);
