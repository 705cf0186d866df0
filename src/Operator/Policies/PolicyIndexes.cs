namespace CertOperator.Operator.Policies;

/// <summary>How policies are found without looking through all of them.</summary>
public static class PolicyIndexes
{
    public const string Secret = "secret";
    public const string Namespace = "namespace";

    public static string SecretKey(string @namespace, string secret) => $"{@namespace}/{secret}";
}
