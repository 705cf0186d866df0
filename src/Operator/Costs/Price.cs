namespace CertOperator.Operator.Costs;

/// <summary>What certificates of a provider cost.</summary>
/// <param name="PerIssuance">Each certificate.</param>
/// <param name="PerName">Each name in it, in addition.</param>
/// <param name="PerWildcard">Each wildcard name, in place of <paramref name="PerName"/>.</param>
/// <param name="Currency">As ISO 4217 has it.</param>
/// <param name="Source">Who says so.</param>
/// <param name="AsOf">When that was so; null for what a namespace's settings say.</param>
public sealed record Price(decimal PerIssuance, decimal PerName, decimal PerWildcard, string Currency, string Source, DateOnly? AsOf)
{
    public bool IsFree => PerIssuance == 0 && PerName == 0 && PerWildcard == 0;

    public decimal Of(IReadOnlyList<string> names)
    {
        var wildcards = names.Count(n => n.StartsWith("*.", StringComparison.Ordinal));
        return PerIssuance + (PerName * (names.Count - wildcards)) + (PerWildcard * wildcards);
    }
}
