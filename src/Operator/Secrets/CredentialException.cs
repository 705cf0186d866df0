namespace CertOperator.Operator.Secrets;

/// <summary>A Secret that a policy names is missing or does not hold what it must. The message starts with the field and holds no value.</summary>
public sealed class CredentialException(string message, Exception? inner = null) : Exception(message, inner);
