using CertOperator.Kubernetes;

namespace CertOperator.Operator.Telemetry;

/// <summary>Counts reconciles and retries.</summary>
public sealed class ControllerMetrics(CertOperatorMetrics metrics) : IControllerObserver
{
    public void Reconciled(string controller, ReconcileOutcome outcome, TimeSpan duration)
    {
        var label = outcome switch
        {
            ReconcileOutcome.Done => ReconcileOutcomes.Done,
            ReconcileOutcome.RequeueAfter => ReconcileOutcomes.Requeued,
            ReconcileOutcome.Conflict => ReconcileOutcomes.Conflict,
            _ => ReconcileOutcomes.Error,
        };
        metrics.Reconciled(controller, label, duration);
        if (outcome is ReconcileOutcome.Conflict or ReconcileOutcome.Failed)
        {
            metrics.WorkQueueRetried(controller);
        }
    }
}
