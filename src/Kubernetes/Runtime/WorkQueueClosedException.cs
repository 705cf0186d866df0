namespace CertOperator.Kubernetes;

/// <summary>The work queue was shut down and has no key left.</summary>
public sealed class WorkQueueClosedException : InvalidOperationException
{
    public WorkQueueClosedException()
        : base("The work queue is shut down.")
    {
    }
}
