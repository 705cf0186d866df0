using System.Globalization;

namespace CertOperator.Operator.Slo;

/// <summary>What is recorded of each certificate, and the alerts about one. Pure.</summary>
internal static class CertificateRules
{
    /// <summary>1 when renewal is just due, 0 when the certificate ends; only where the operator renews by itself.</summary>
    public const string WindowLeft = "certoperator:window_left:ratio";

    /// <summary>Failed runs since the last success, where the operator renews by itself.</summary>
    public const string Failures = "certoperator:policy_failures:count";

    private const string Left = "certoperator:certificate_left:seconds";
    private const string Lifetime = "certoperator:certificate_lifetime:seconds";
    private const string Certificate = "namespace, policy, hostname, provider";
    private const string Policy = "namespace, policy";
    internal const int SecondsPerDay = 86_400;

    public static RuleGroup Build(SloObjectives objectives, RuleScope scope, bool operatorPages)
        => new("certoperator-certificates", [.. Records(scope), .. AlertsOf(objectives, scope, operatorPages)]);

    private static IEnumerable<RecordingRule> Records(RuleScope scope)
    {
        // Every replica has the same series: max by makes one of them.
        string Newest(string labels, string metric) => $"max by ({labels}) ({scope.Metric(metric)})";
        var end = Newest(Certificate, "certoperator_certificate_not_after_timestamp_seconds");
        var automatic = $"and on ({Policy}) {Newest(Policy, "certoperator_policy_automatic_renewal")} == 1";
        yield return new RecordingRule(Left, scope.Within($"{end} - time()"));
        yield return new RecordingRule(Lifetime, scope.Within($"{end} - {Newest(Certificate, "certoperator_certificate_not_before_timestamp_seconds")}"));
        yield return new RecordingRule(WindowLeft, scope.Within(
            $"""
            ({end} - time())
            / ({end} - {Newest(Certificate, "certoperator_certificate_renewal_timestamp_seconds")} > 0)
            {automatic}
            """));
        yield return new RecordingRule(Failures, scope.Within(
            $"""
            {Newest("namespace, policy, provider", "certoperator_policy_consecutive_failures")}
            {automatic}
            """));
    }

    private static IEnumerable<AlertingRule> AlertsOf(SloObjectives objectives, RuleScope scope, bool operatorPages)
    {
        var alerts = new Alerts(objectives);
        var (left, window) = (scope.Metric(Left), scope.Metric(WindowLeft));
        string Ending(int days, int share) => scope.Within(
            $"""
            {left} < {days * SecondsPerDay}
            and {left} < {scope.Metric(Lifetime)} / {share}
            unless on ({Policy}) {window}
            """);

        const string Which = "{{ $labels.namespace }}/{{ $labels.policy }} ({{ $labels.hostname }})";
        yield return alerts.Ticket(
            AlertNames.RenewalOverdue,
            scope.Within($"{window} < {Number(objectives.OverdueBelow)}"),
            "1h",
            $"The certificate of {Which} should have been renewed by now",
            "Of the time between its renewal and its end {{ $value | humanizePercentage }} is left. The operator goes on trying; see why it has not succeeded.");
        yield return alerts.Page(
            AlertNames.ExpiringSoon,
            scope.Within(
                $"""
                {left}
                and on ({Policy}) {window} < {Number(objectives.ExpiringBelow)}
                """),
            "5m",
            $"The certificate of {Which} is about to expire or has expired, and is not being renewed",
            "It ends in {{ $value | humanizeDuration }}; a negative time has passed since. Clients refuse it from then on.",
            operatorPages ? [PagedByOperator] : []);
        yield return alerts.Page(
            AlertNames.ExpiringSoon,
            Ending(objectives.CriticalDays, 12),
            "5m",
            $"The certificate of {Which} is about to expire or has expired, and nobody renews it",
            "It ends in {{ $value | humanizeDuration }}; a negative time has passed since. The policy is suspended, rehearses, is rolled back, has no schedule, or its provider is manual.");
        yield return alerts.Ticket(
            AlertNames.ExpiringWarning,
            Ending(objectives.WarningDays, 3),
            "5m",
            $"The certificate of {Which} ends before long, and nobody renews it",
            "It ends in {{ $value | humanizeDuration }}. The policy is suspended, rehearses, is rolled back, has no schedule, or its provider is manual.");
        yield return alerts.Ticket(
            AlertNames.ServedMismatch,
            scope.Within($"max by (namespace, policy, endpoint) ({scope.Metric("certoperator_endpoint_served_match")}) == 0"),
            "15m",
            "{{ $labels.endpoint }} does not serve the certificate of {{ $labels.namespace }}/{{ $labels.policy }}",
            "Clients get another certificate than the one in the Secret.");
        yield return alerts.Ticket(
            AlertNames.RenewalFailures,
            scope.Within($"{scope.Metric(Failures)} > 0"),
            "30m",
            "Renewals of {{ $labels.namespace }}/{{ $labels.policy }} fail",
            "{{ $value }} runs in a row have failed or need a person. The certificate in use is not affected as long as it is valid.");
    }

    /// <summary>Where the operator itself tells PagerDuty of the same cause, nobody should be woken twice.</summary>
    internal static KeyValuePair<string, string> PagedByOperator => KeyValuePair.Create("paged_by", "operator");

    private static string Number(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
