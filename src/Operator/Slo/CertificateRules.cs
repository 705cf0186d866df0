using System.Globalization;

namespace CertOperator.Operator.Slo;

/// <summary>What is recorded of each certificate, and the alerts about one. Pure.</summary>
internal static class CertificateRules
{
    /// <summary>1 when renewal is just due, 0 when the certificate ends; only where the operator renews by itself.</summary>
    public const string WindowLeft = "certoperator:window_left:ratio";

    /// <summary>Failed runs since the last success, where the operator renews by itself.</summary>
    public const string Failures = "certoperator:policy_failures:count";

    /// <summary>0 where an endpoint answers and serves another certificate than the one in the Secret, 1 where it serves that.</summary>
    public const string Match = "certoperator:endpoint_served_match:min";

    /// <summary>When the certificate ends; one series for each policy, whatever labels of it have changed lately.</summary>
    private const string End = "certoperator:certificate_not_after:timestamp_seconds";

    private const string Left = "certoperator:certificate_left:seconds";
    private const string Lifetime = "certoperator:certificate_lifetime:seconds";
    private const string Policy = "namespace, policy";
    private const string Endpoint = $"{Policy}, endpoint";
    internal const int SecondsPerDay = 86_400;

    public static RuleGroup Build(SloObjectives objectives, RuleScope scope, bool operatorPages)
        => new("certoperator-certificates", [.. Records(scope), .. AlertsOf(objectives, scope, operatorPages)]);

    private static IEnumerable<RecordingRule> Records(RuleScope scope)
    {
        var end = scope.Metric(End);

        // Every replica has the same series: max by makes one of them. The provider is no part of it: an alert has to outlast the change to
        // another one, which is what is done about it.
        string Newest(string metric) => $"max by ({Policy}) ({scope.Latest(metric)})";
        string Since(string metric) => $"{end} - on ({Policy}) group_left () {Newest(metric)}";
        var automatic = $"and on ({Policy}) {Automatic(scope)}";
        yield return new RecordingRule(End, scope.Within(
            $"max by ({Policy}, hostname) (topk by ({Policy}) (1, {scope.Latest("certoperator_certificate_not_after_timestamp_seconds")}))"));
        yield return new RecordingRule(Left, scope.Within($"{end} - time()"));
        yield return new RecordingRule(Lifetime, scope.Within(Since("certoperator_certificate_not_before_timestamp_seconds")));
        yield return new RecordingRule(WindowLeft, scope.Within(
            $"""
            ({end} - time())
            / ({Since("certoperator_certificate_renewal_timestamp_seconds")} > 0)
            {automatic}
            """));
        yield return new RecordingRule(Failures, scope.Within(
            $"""
            {Newest("certoperator_policy_consecutive_failures")}
            {automatic}
            """));

        // A replica that is behind must not hide what another sees.
        yield return new RecordingRule(Match, scope.Within($"min by ({Endpoint}) ({scope.Latest("certoperator_endpoint_served_match")})"));
    }

    /// <summary>The policies that the operator renews by itself.</summary>
    internal static string Automatic(RuleScope scope) => $"max by ({Policy}) ({scope.Latest("certoperator_policy_automatic_renewal")}) == 1";

    private static IEnumerable<AlertingRule> AlertsOf(SloObjectives objectives, RuleScope scope, bool operatorPages)
    {
        var alerts = new Alerts(objectives);
        const string Which = "{{ $labels.namespace }}/{{ $labels.policy }} ({{ $labels.hostname }})";
        var (left, window) = (scope.Metric(Left), scope.Metric(WindowLeft));
        string Ending(int days, int share) =>
            $"""
            {left} < {days * SecondsPerDay}
            and {left} < {scope.Metric(Lifetime)} / {share}
            unless on ({Policy}) {window}
            """;
        AlertingRule Soon(string expression, params IReadOnlyList<KeyValuePair<string, string>> labels) => alerts.Page(
            AlertNames.ExpiringSoon,
            scope.Within(expression),
            "5m",
            $"The certificate of {Which} is about to expire or has expired",
            "It ends in {{ $value | humanizeDuration }}; a negative time has passed since. Clients refuse it from then on. Its renewals do not succeed, or nobody renews it: "
                + "the policy is suspended, rehearses, is rolled back, has no schedule, or its provider is manual.",
            labels);

        yield return alerts.Ticket(
            AlertNames.RenewalOverdue,
            scope.Within(
                $"""
                ({window} < {Number(objectives.OverdueBelow)}
                or {Automatic(scope)} unless on ({Policy}) {scope.Metric(End)} unless on ({Policy}) {scope.Metric(Failures)} > 0)
                """),
            "1h",
            $"{{{{ if $labels.hostname }}}}The certificate of {Which} should have been renewed by now{{{{ else }}}}{{{{ $labels.namespace }}}}/{{{{ $labels.policy }}}} has never had a certificate{{{{ end }}}}",
            "{{ if $labels.hostname }}Of the time between its renewal and its end {{ $value | humanizePercentage }} is left, and the operator goes on trying"
                + "{{ else }}No run has failed either: it waits, or nothing was tried{{ end }}. See why.");
        var late = $"""
            {left}
            and on ({Policy}) {window} < {Number(objectives.ExpiringBelow)}
            """;
        var unattended = Ending(objectives.CriticalDays, 12);
        if (operatorPages)
        {
            yield return Soon(late, PagedByOperator);
            yield return Soon(unattended);
        }
        else
        {
            // One alert, so that it outlasts a renewal that is given up: two would be two pages.
            yield return Soon($"({late}\nor {unattended})");
        }

        yield return alerts.Ticket(
            AlertNames.ExpiringWarning,
            scope.Within(Ending(objectives.WarningDays, 3)),
            "5m",
            $"The certificate of {Which} ends before long, and nobody renews it",
            "It ends in {{ $value | humanizeDuration }}. The policy is suspended, rehearses, is rolled back, has no schedule, or its provider is manual.");
        yield return alerts.Ticket(
            AlertNames.ServedMismatch,
            scope.Within($"{scope.Metric(Match)} == 0"),
            "15m",
            "{{ $labels.endpoint }} does not serve the certificate of {{ $labels.namespace }}/{{ $labels.policy }}",
            "Clients get another certificate than the one in the Secret.");
        yield return alerts.Ticket(
            AlertNames.EndpointUnreachable,
            scope.Within($"min by ({Endpoint}) ({scope.Latest("certoperator_endpoint_reachable")}) == 0"),
            "30m",
            "{{ $labels.endpoint }} of {{ $labels.namespace }}/{{ $labels.policy }} does not answer",
            "The operator could not ask it which certificate it serves: the host is down, or the operator has no way to it. Nobody would be told of a wrong certificate there.");

        // Nothing is tried, so nothing fails, and the certificate in use is good for weeks. What needs a person after a run is told as its failure.
        yield return alerts.Ticket(
            AlertNames.PolicyStalled,
            scope.Within(
                $"""
                max by ({Policy}, reason) ({scope.Latest("certoperator_policy_stalled", "reason!=\"NeedsManual\"")})
                and on ({Policy}) {Automatic(scope)}
                """),
            "30m",
            "{{ $labels.namespace }}/{{ $labels.policy }} cannot be carried out: {{ $labels.reason }}",
            "No run is started, so none fails, and the certificate ends when its time has come. The message of condition Stalled says what to change.");
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
