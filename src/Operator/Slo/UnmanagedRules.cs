namespace CertOperator.Operator.Slo;

/// <summary>
/// The alerts about certificates that no policy manages, which the leader tells of where it looks for them. Without that there is
/// nothing to evaluate, and they are silent. Pure.
/// </summary>
internal static class UnmanagedRules
{
    private const string Left = "certoperator:unmanaged_left:seconds";
    private const string Lifetime = "certoperator:unmanaged_lifetime:seconds";

    /// <summary>Nobody has missed a certificate that ended so many days ago: a ticket stays, and wakes nobody.</summary>
    private const int MissedDays = 30;

    /// <summary>Another leader has to read all Secrets first. What it has not read yet is not mended.</summary>
    private const string Handover = "[15m]";

    public static RuleGroup Build(SloObjectives objectives, RuleScope scope)
        => new("certoperator-unmanaged", [.. Records(scope), .. AlertsOf(objectives, scope)]);

    private static IEnumerable<RecordingRule> Records(RuleScope scope)
    {
        string Newest(string metric) => $"max by (namespace, secret, hostname, renewed_by) (last_over_time({scope.Metric(metric)}{Handover}))";
        var end = Newest("certoperator_unmanaged_certificate_not_after_timestamp_seconds");
        yield return new RecordingRule(Left, scope.Within($"{end} - time()"));
        yield return new RecordingRule(Lifetime, scope.Within($"{end} - {Newest("certoperator_unmanaged_certificate_not_before_timestamp_seconds")}"));
    }

    private static IEnumerable<AlertingRule> AlertsOf(SloObjectives objectives, RuleScope scope)
    {
        const string Which = "The certificate in Secret {{ $labels.namespace }}/{{ $labels.secret }} ({{ $labels.hostname }})";
        var alerts = new Alerts(objectives);
        var (left, lifetime) = (scope.Metric(Left), scope.Metric(Lifetime));
        yield return alerts.Page(
            AlertNames.ExpiringSoon,
            scope.Within(
                $"""
                {left} < {objectives.CriticalDays * CertificateRules.SecondsPerDay}
                and {left} < {lifetime} / 12
                and {left} > -{MissedDays * CertificateRules.SecondsPerDay}
                """),
            "5m",
            $"{Which} is about to expire or has expired, and no policy renews it",
            "It ends in {{ $value | humanizeDuration }}; a negative time has passed since. Who should renew it, as far as the Secret says: {{ $labels.renewed_by }}.");
        yield return alerts.Ticket(
            AlertNames.ExpiringWarning,
            scope.Within(
                $"""
                ({scope.Metric(Left, "renewed_by=\"nobody\"")} < {objectives.WarningDays * CertificateRules.SecondsPerDay} or {left} < 0)
                and {left} < {lifetime} / 3
                """),
            "5m",
            $"{Which} ends before long or has expired, and no policy renews it",
            "It ends in {{ $value | humanizeDuration }}; a negative time has passed since. Who should renew it, as far as the Secret says: {{ $labels.renewed_by }}.");
    }
}
