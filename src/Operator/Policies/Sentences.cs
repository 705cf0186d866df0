namespace CertOperator.Operator.Policies;

/// <summary>Errors of the rules, which end without a full stop, as sentences that can stand one after the other.</summary>
public static class Sentences
{
    public static string Of(string error) => error.EndsWith('.') ? error : error + ".";

    /// <summary>Errors that begin in lower case, one sentence each.</summary>
    public static string Join(IEnumerable<string> errors) => string.Join(" ", errors.Select(e => Of(char.ToUpperInvariant(e[0]) + e[1..])));
}
