namespace CertOperator.Operator.Slo;

/// <summary>The alerts about the operator itself and about CAs, which no single namespace can judge. Pure.</summary>
internal static class OperatorRules
{
    private const string Scheduler = "certoperator_scheduler_last_success_timestamp_seconds";
    private const string Failures = "max by (namespace, policy, provider) (certoperator_policy_consecutive_failures)";

    public static RuleGroup Build(SloObjectives objectives)
    {
        var alerts = new Alerts(objectives);
        return new RuleGroup(
            "certoperator-operator",
            [
                // All other alerts are silent when there is nothing to evaluate; this one is not.
                alerts.Page(
                    AlertNames.RenewalEngineStalled,
                    $"""
                    time() - max by (job, namespace) ({Scheduler}) > 900
                    or absent({Scheduler})
                    """,
                    "5m",
                    "No replica of the operator renews certificates",
                    "For 15 minutes no replica has looked for due renewals, or none is scraped. Nothing is renewed, and the other alerts may be blind."),
                alerts.Page(
                    AlertNames.IssuerOutage,
                    $"""
                    count by (provider) ({Failures} >= 2) >= 3
                    and count by (provider) ({Failures} >= 2) / count by (provider) ({Failures}) >= 0.1
                    """,
                    "15m",
                    "Renewals by {{ $labels.provider }} fail for many policies",
                    "{{ $value }} policies have failed at least twice in a row: the cause is likely the CA, the way to it, or credentials that they share."),
                alerts.Ticket(
                    AlertNames.IncidentDeliveryFailing,
                    "max by (sink) (certoperator_incidents_undelivered) > 0",
                    "15m",
                    "{{ $labels.sink }} cannot be told of incidents",
                    "Of {{ $value }} incidents it has not taken the latest news, although it was tried."),
            ]);
    }
}
