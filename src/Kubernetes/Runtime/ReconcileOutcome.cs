namespace CertOperator.Kubernetes;

/// <summary>How one call of a reconciler ended, for metrics.</summary>
public enum ReconcileOutcome
{
    /// <summary>The reconciler returned <see cref="ReconcileResult.Done"/>.</summary>
    Done,

    /// <summary>The reconciler returned <see cref="ReconcileResult.RequeueAfter"/>.</summary>
    RequeueAfter,

    /// <summary>It threw; the key is in its backoff.</summary>
    Failed,

    /// <summary>A write met a newer version of the object. The key is in its backoff, but this is no fault.</summary>
    Conflict,

    /// <summary>It was cancelled because the controller stops; the key is back in the queue.</summary>
    Interrupted,
}
