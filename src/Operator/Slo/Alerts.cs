namespace CertOperator.Operator.Slo;

/// <summary>Makes alerting rules with the labels and annotations that all of them have.</summary>
internal sealed class Alerts(SloObjectives objectives)
{
    /// <summary>Somebody is woken.</summary>
    public AlertingRule Page(string alert, string expression, string @for, string summary, string description, params IReadOnlyList<KeyValuePair<string, string>> labels)
        => Create("page", alert, expression, @for, summary, description, labels);

    /// <summary>Somebody looks at it in working hours.</summary>
    public AlertingRule Ticket(string alert, string expression, string @for, string summary, string description, params IReadOnlyList<KeyValuePair<string, string>> labels)
        => Create("ticket", alert, expression, @for, summary, description, labels);

    private AlertingRule Create(string severity, string alert, string expression, string @for, string summary, string description, IReadOnlyList<KeyValuePair<string, string>> labels)
        => new(
            alert,
            expression,
            @for,
            [KeyValuePair.Create("severity", severity), KeyValuePair.Create("service", "certoperator"), .. labels],
            [KeyValuePair.Create("summary", summary), KeyValuePair.Create("description", description), KeyValuePair.Create("runbook_url", objectives.RunbookOf(alert))]);
}
