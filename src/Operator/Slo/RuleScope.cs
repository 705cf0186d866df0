namespace CertOperator.Operator.Slo;

/// <summary>
/// The certificates that rules speak of: those of one namespace, or of all that have no rules of their own. Both kinds may be loaded
/// into one Prometheus, and no certificate is then spoken of twice.
/// </summary>
public sealed record RuleScope
{
    /// <summary>Recorded by the rules of a namespace, for those of the fleet to see.</summary>
    private const string OwnRules = "certoperator:workspace_rules:info";

    /// <summary>For how long what is not told any more is taken to be as it was.</summary>
    private const string Blind = "[30m]";

    private RuleScope(string? @namespace) => Namespace = @namespace;

    /// <summary>Every namespace without rules of its own, and what concerns no namespace at all.</summary>
    public static RuleScope Fleet { get; } = new((string?)null);

    /// <summary>Null for the fleet.</summary>
    public string? Namespace { get; }

    public static RuleScope Of(string @namespace) => new(@namespace);

    /// <summary>A metric with a label <c>namespace</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="matcher">What else its labels have to be; null for nothing.</param>
    public string Metric(string name, string? matcher = null)
    {
        var matchers = string.Join(',', new[] { Namespace is null ? null : $"namespace=\"{Namespace}\"", matcher }.OfType<string>());
        return matchers.Length == 0 ? name : $"{name}{{{matchers}}}";
    }

    /// <summary>
    /// A metric of policies, and what it was last where the operator that told it tells of no policy now: nobody scrapes it, it starts
    /// again, or the API server is away. Nothing has been mended by that. A single series that ends, as with its policy, is over at once.
    /// Binds as <c>or</c> does.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="matcher">What else its labels have to be; null for nothing.</param>
    public string Latest(string name, string? matcher = null)
        => $"{Metric(name, matcher)} or last_over_time({Metric(name, matcher)}{Blind}) unless on (job) {Metric("certoperator_policy_automatic_renewal")}";

    /// <summary>Leaves out what other rules speak of. Binds no tighter than <c>and</c>.</summary>
    public string Within(string expression) => Namespace is null ? $"{expression}\nunless on (namespace) {OwnRules}" : expression;

    /// <summary>What a whole of certificates is aggregated by.</summary>
    public string Aggregate(string function, string expression) => Namespace is null ? $"{function}({expression})" : $"{function} by (namespace) ({expression})";

    /// <summary>A series that <see cref="Aggregate"/> made, of this scope and of no other.</summary>
    public string Aggregated(string record, string? slo = null)
        => $"{record}{{namespace=\"{Namespace}\"{(slo is null ? "" : $",slo=\"{slo}\"")}}}";

    /// <summary>How the fleet's rules know that this namespace has its own; null for the fleet.</summary>
    public RecordingRule? Mark => Namespace is null ? null : new RecordingRule(OwnRules, "vector(1)", KeyValuePair.Create("namespace", Namespace));
}
