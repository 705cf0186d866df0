namespace CertOperator.Operator.Secrets;

/// <summary>A Secret that a policy names is missing or does not hold what it must. The message starts with the field and holds no value.</summary>
public sealed class CredentialException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A policy names no credentials for a cloud, and may not act as the operator there.</summary>
    /// <param name="field">Where the policy says how the cloud is asked.</param>
    public static CredentialException NobodyToActAs(string field)
        => new($"{field} names no credentials, and the operator does not lend its own identity to policies. Name a Secret in {field}.credentialsSecretName, or start the operator with --own-cloud-identity true.");
}
