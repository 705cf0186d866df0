namespace CertOperator.Kubernetes;

/// <summary>How <c>kubectl</c> marks an event.</summary>
public enum EventType
{
    Normal,
    Warning,
}
