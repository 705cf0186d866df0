namespace CertOperator.Kubernetes;

/// <summary>The client's configuration cannot be used. The message names the file and the field.</summary>
public sealed class KubernetesConfigurationException(string message, Exception? innerException = null)
    : Exception(message, innerException);
