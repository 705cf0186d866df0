namespace CertOperator.Kubernetes;

/// <summary>
/// Brings the world into the state that an object asks for. Only the key is given: the reconciler reads how things are
/// now, and so gives the same result however many changes led there, and whichever of them were seen.
/// </summary>
public interface IReconciler
{
    /// <summary>Never runs for the same key twice at a time. An exception leads to the key's backoff.</summary>
    Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken);
}
