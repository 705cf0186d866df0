namespace CertOperator.Operator.Slo;

/// <summary>
/// The alerts about certificates that no policy manages, which the leader tells of where it looks for them. Without that there is
/// nothing to evaluate, and they are silent. Pure.
/// </summary>
internal static class UnmanagedRules
{
    /// <summary>When the certificate ends; one series for each Secret, whatever labels of it have changed lately.</summary>
    private const string End = "certoperator:unmanaged_not_after:timestamp_seconds";

    private const string Left = "certoperator:unmanaged_left:seconds";
    private const string Lifetime = "certoperator:unmanaged_lifetime:seconds";

    private const string Secret = "namespace, secret";

    /// <summary>No label of the alerts: somebody may well say that they renew it while one fires.</summary>
    private const string RenewedBy =
        $"{{{{ with query (printf \"{End}{{namespace=%q,secret=%q}}\" $labels.namespace $labels.secret) }}}}{{{{ . | first | label \"renewed_by\" }}}}{{{{ end }}}}";

    /// <summary>Tells these alerts from those about policies, which have the same names.</summary>
    private static readonly KeyValuePair<string, string> Source = KeyValuePair.Create("source", "inventory");

    /// <summary>Nobody has missed a certificate that ended so many days ago: a ticket stays, and wakes nobody.</summary>
    private const int MissedDays = 30;

    /// <summary>Another leader has to read all Secrets first. What it has not read yet is not mended.</summary>
    private const string Handover = "[15m]";

    public static RuleGroup Build(SloObjectives objectives, RuleScope scope)
        => new("certoperator-unmanaged", [.. Records(scope), .. AlertsOf(objectives, scope)]);

    private static IEnumerable<RecordingRule> Records(RuleScope scope)
    {
        // What is told of a Secret now wins over what was told of it before, by whichever labels.
        string Latest(string metric) => $"{scope.Metric(metric)} or last_over_time({scope.Metric(metric)}{Handover}) unless on ({Secret}) {scope.Metric(metric)}";
        var end = scope.Metric(End);
        yield return new RecordingRule(End, scope.Within(
            $"max by ({Secret}, hostname, renewed_by) (topk by ({Secret}) (1, {Latest("certoperator_unmanaged_certificate_not_after_timestamp_seconds")}))"));
        yield return new RecordingRule(Left, scope.Within($"max by ({Secret}, hostname) ({end}) - time()"));
        yield return new RecordingRule(Lifetime, scope.Within(
            $"max by ({Secret}, hostname) ({end}) - on ({Secret}) group_left () max by ({Secret}) ({Latest("certoperator_unmanaged_certificate_not_before_timestamp_seconds")})"));
    }

    private static IEnumerable<AlertingRule> AlertsOf(SloObjectives objectives, RuleScope scope)
    {
        const string Which = "The certificate in Secret {{ $labels.namespace }}/{{ $labels.secret }} ({{ $labels.hostname }})";
        const string Description = $"It ends in {{{{ $value | humanizeDuration }}}}; a negative time has passed since. Who should renew it, as far as the Secret says: {RenewedBy}.";
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
            Description,
            Source);
        yield return alerts.Ticket(
            AlertNames.ExpiringWarning,
            scope.Within(
                $"""
                ({left} < {objectives.WarningDays * CertificateRules.SecondsPerDay} and on ({Secret}) {scope.Metric(End, "renewed_by=\"nobody\"")} or {left} < 0)
                and {left} < {lifetime} / 3
                """),
            "5m",
            $"{Which} ends before long or has expired, and no policy renews it",
            Description,
            Source);
    }
}
