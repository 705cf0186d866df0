namespace CertOperator.Kubernetes;

/// <summary>No usable answer: connection, TLS, timeout, an answer cut short, too large or not JSON. A write may have been done.</summary>
public sealed class KubernetesTransportException(string message, Exception? innerException = null)
    : KubernetesException(null, null, message, null, innerException);
