using System.Text.Json;
using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Slo;

/// <summary>The PrometheusRule of a namespace that has policies. Pure.</summary>
public static class WorkspaceRules
{
    public const string Name = "certoperator-slo";

    /// <summary>The object as it should be.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="settings">Those of the namespace; null where there are none.</param>
    public static PrometheusRule Of(string @namespace, CertificateRenewalSettings? settings)
    {
        var slo = settings?.Spec.Slo;
        var labels = new Dictionary<string, string>(slo?.Labels ?? new Dictionary<string, string>()) { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue };
        var rules = SloRules.Build(SloObjectives.From(slo), RuleScope.Of(@namespace), settings?.Spec.Incidents?.PagerDuty is not null);
        return new PrometheusRule
        {
            Metadata = new ObjectMeta
            {
                Name = Name,
                Namespace = @namespace,
                Labels = labels,
                Annotations = new Dictionary<string, string> { [WellKnown.RuleLabels] = string.Join(',', labels.Keys.Order(StringComparer.Ordinal)) },
            },
            Spec = new PrometheusRuleSpec { Groups = [.. rules.Select(Group)] },
        };
    }

    /// <summary>Whether the operator has made it; one that somebody else has made is left alone.</summary>
    public static bool IsOurs(PrometheusRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return rule.Metadata.Labels?.GetValueOrDefault(WellKnown.ManagedByLabel) == WellKnown.ManagedByValue;
    }

    /// <summary>Whether nothing has to be written. Labels and annotations that others have added are theirs.</summary>
    public static bool IsAsWanted(PrometheusRule found, PrometheusRule wanted)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(wanted);
        return Holds(found.Metadata.Labels, wanted.Metadata.Labels!)
            && Holds(found.Metadata.Annotations, wanted.Metadata.Annotations!)
            && JsonNode.DeepEquals(Json(found), Json(wanted));
    }

    private static bool Holds(Dictionary<string, string>? found, Dictionary<string, string> wanted) => wanted.All(w => found?.GetValueOrDefault(w.Key) == w.Value);

    private static JsonNode? Json(PrometheusRule rule) => JsonSerializer.SerializeToNode(rule.Spec, KubernetesJsonContext.Default.PrometheusRuleSpec);

    private static PrometheusRuleGroup Group(RuleGroup group) => new() { Name = group.Name, Rules = [.. group.Rules.Select(Item)] };

    private static PrometheusRuleItem Item(PrometheusRuleEntry rule)
        => new()
        {
            Record = (rule as RecordingRule)?.Record,
            Alert = (rule as AlertingRule)?.Alert,
            Expr = rule.Expression,
            For = (rule as AlertingRule)?.For,
            Labels = rule.Labels.Count == 0 ? null : new Dictionary<string, string>(rule.Labels),
            Annotations = rule is AlertingRule alert ? new Dictionary<string, string>(alert.Annotations) : null,
        };
}
