namespace CertOperator.Kubernetes.Schema;

/// <summary>A type from which no structural schema can be made; the message names the property and what to change.</summary>
public sealed class SchemaException(string message) : Exception(message);
