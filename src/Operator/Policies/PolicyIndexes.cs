namespace CertOperator.Operator.Policies;

/// <summary>How policies are found without looking through all of them.</summary>
public static class PolicyIndexes
{
    public const string Secret = "secret";
    public const string Namespace = "namespace";

    /// <summary>By the Secret of the CA that the policy itself names: see <see cref="AuthoritySecrets"/>.</summary>
    public const string Authority = "authority";

    /// <summary>By the key in Vault: see <see cref="SharedKeys"/>.</summary>
    public const string Key = "key";

    /// <summary>By what a certificate draws on: see <see cref="Pacing.IssuanceGate.IndexOf"/>.</summary>
    public const string Issuance = "issuance";

    public static string SecretKey(string @namespace, string secret) => $"{@namespace}/{secret}";
}
