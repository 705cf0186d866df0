namespace CertOperator.Kubernetes.Tests.Runtime;

internal sealed class DelegateReconciler(Func<NamespacedName, CancellationToken, Task<ReconcileResult>> reconcile) : IReconciler
{
    public Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken) => reconcile(key, cancellationToken);
}
