namespace CertOperator.Operator.Policies;

/// <summary>Errors of the rules, which end without a full stop, as sentences that can stand one after the other.</summary>
public static class Sentences
{
    public static string Of(string error) => error.EndsWith('.') ? error : error + ".";
}
