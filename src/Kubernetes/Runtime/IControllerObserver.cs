namespace CertOperator.Kubernetes;

/// <summary>Hears of every reconcile, from many threads.</summary>
public interface IControllerObserver
{
    void Reconciled(string controller, ReconcileOutcome outcome, TimeSpan duration);
}
