namespace CertOperator.Operator.Slo;

/// <summary>Rules that Prometheus evaluates one after the other.</summary>
public sealed record RuleGroup(string Name, IReadOnlyList<PrometheusRuleEntry> Rules);

/// <summary>One rule of a group: a closed set.</summary>
/// <param name="Expression">PromQL.</param>
/// <param name="Labels">Added to each result; they win over labels of the expression.</param>
public abstract record PrometheusRuleEntry(string Expression, IReadOnlyList<KeyValuePair<string, string>> Labels);

/// <summary>Stores the result of an expression under a name of its own.</summary>
public sealed record RecordingRule(string Record, string Expression, params IReadOnlyList<KeyValuePair<string, string>> Labels)
    : PrometheusRuleEntry(Expression, Labels);

/// <summary>Fires for each result that an expression has for long enough.</summary>
/// <param name="Alert">One of <see cref="AlertNames"/>.</param>
/// <param name="Expression">PromQL.</param>
/// <param name="For">As Prometheus writes durations.</param>
/// <param name="Labels">What it is routed by.</param>
/// <param name="Annotations">What people read.</param>
public sealed record AlertingRule(
    string Alert,
    string Expression,
    string For,
    IReadOnlyList<KeyValuePair<string, string>> Labels,
    IReadOnlyList<KeyValuePair<string, string>> Annotations)
    : PrometheusRuleEntry(Expression, Labels);
