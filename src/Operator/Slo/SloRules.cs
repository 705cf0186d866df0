namespace CertOperator.Operator.Slo;

/// <summary>The one source of the rules for Prometheus: the files in config and in the chart, and the objects that the operator writes. Pure.</summary>
public static class SloRules
{
    /// <param name="objectives">What is promised.</param>
    /// <param name="scope">Of which certificates; what concerns the operator itself is for the fleet alone.</param>
    /// <param name="operatorPages">Whether the operator tells PagerDuty of its incidents itself.</param>
    public static IReadOnlyList<RuleGroup> Build(SloObjectives objectives, RuleScope scope, bool operatorPages = false)
    {
        ArgumentNullException.ThrowIfNull(objectives);
        ArgumentNullException.ThrowIfNull(scope);
        return
        [
            .. scope.Mark is { } mark ? [new RuleGroup("certoperator-workspace", [mark])] : Array.Empty<RuleGroup>(),
            CertificateRules.Build(objectives, scope, operatorPages),
            UnmanagedRules.Build(objectives, scope),
            BurnRules.Build(objectives, scope, operatorPages),
            .. scope.Namespace is null ? [OperatorRules.Build(objectives)] : Array.Empty<RuleGroup>(),
        ];
    }
}
