using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Slo;

/// <summary>The alerts about the operator itself and about CAs, which no single namespace can judge. Pure.</summary>
internal static class OperatorRules
{
    private const string Scheduler = "certoperator_scheduler_last_success_timestamp_seconds";
    private const string Somewhere = "{namespace!=\"\"}";
    private const string InventorySuccess = "certoperator_inventory_last_success_timestamp_seconds";
    private const string InventoryErrors = "certoperator_inventory_errors_total";

    /// <summary>Failed runs since the last success, of every policy that the operator renews by itself, whichever rules speak of its namespace.</summary>
    private const string Failures = "certoperator:issuer_failures:count";

    public static RuleGroup Build(SloObjectives objectives)
    {
        var alerts = new Alerts(objectives);
        var all = RuleScope.Fleet;
        string Undelivered(string matcher) => $"max by (sink) ({all.Latest("certoperator_incidents_undelivered", matcher)}) > 0";
        const string NotTold = "{{ $labels.sink }} cannot be told of incidents";
        const string News = "Of {{ $value }} incidents it has not taken the latest news, although it was tried.";
        return new RuleGroup(
            "certoperator-operator",
            [
                new RecordingRule(
                    Failures,
                    $"""
                    max by (namespace, policy, provider) ({all.Latest("certoperator_policy_consecutive_failures")})
                    and on (namespace, policy) {CertificateRules.Automatic(all)}
                    """),

                // All other alerts are silent when there is nothing to evaluate; this one is not. One operator among several is missed for a
                // day: it may have been taken away, and one that has a new name for its job in its namespace is not missed. A new process has
                // looked for nothing yet; what the one before it did still counts.
                alerts.Page(
                    AlertNames.RenewalEngineStalled,
                    $"""
                    time() - (max by (job, namespace) (max_over_time({Scheduler}[20m])) and on (job, namespace) {Scheduler}) > 900
                    or absent({Scheduler})
                    or max by (job, namespace) (last_over_time({Scheduler}[1d])) and on () {Scheduler} unless on (job, namespace) {Scheduler} unless on (namespace) {Scheduler}{Somewhere}
                    """,
                    "5m",
                    "No replica of the operator renews certificates",
                    "For 15 minutes no replica{{ with $labels.namespace }} in namespace {{ . }}{{ end }} has looked for due renewals, or none is scraped. Nothing is renewed, and the other alerts may be blind."),
                alerts.Page(
                    AlertNames.IssuerOutage,
                    $"""
                    count by (provider) ({Failures} >= 2) >= 3
                    and count by (provider) ({Failures} >= 2) / count by (provider) ({Failures}) >= 0.1
                    """,
                    "15m",
                    "Renewals by {{ $labels.provider }} fail for many policies",
                    "{{ $value }} policies have failed at least twice in a row: the cause is likely the CA, the way to it, or credentials that they share."),

                // Where the operator pages, Alertmanager does not: nobody else would be woken by what PagerDuty was not told.
                alerts.Page(AlertNames.IncidentDeliveryFailing, Undelivered($"sink=\"{IncidentSinkKinds.PagerDuty}\""), "15m", NotTold, News),
                alerts.Ticket(AlertNames.IncidentDeliveryFailing, Undelivered($"sink!=\"{IncidentSinkKinds.PagerDuty}\""), "15m", NotTold, News),

                // A look that failed is repeated after a minute at the latest, however rarely the operator looks otherwise: age alone says
                // nothing where it looks once a day, and a single error nothing where the next look succeeds.
                alerts.Ticket(
                    AlertNames.InventoryBlind,
                    $"""
                    time() - max by (job, namespace) ({InventorySuccess}) > 1800
                    and sum by (job, namespace) (increase({InventoryErrors}[15m])) > 0
                    """,
                    "15m",
                    "The operator cannot see which certificates there are without a policy",
                    "It has not seen all Secrets for 30 minutes, and its looks fail. What it knows it goes on telling; nobody is told of certificates that are new or have changed since."),
            ]);
    }
}
