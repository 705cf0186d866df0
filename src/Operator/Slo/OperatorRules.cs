namespace CertOperator.Operator.Slo;

/// <summary>The alerts about the operator itself and about CAs, which no single namespace can judge. Pure.</summary>
internal static class OperatorRules
{
    private const string Scheduler = "certoperator_scheduler_last_success_timestamp_seconds";
    private const string InventorySuccess = "certoperator_inventory_last_success_timestamp_seconds";
    private const string InventoryErrors = "certoperator_inventory_errors_total";
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
