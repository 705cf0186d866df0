using System.Threading.Channels;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>Lets a test wait for the end of each reconcile.</summary>
internal sealed class RecordingControllerObserver : IControllerObserver
{
    private readonly Channel<ReconcileOutcome> _outcomes = Channel.CreateUnbounded<ReconcileOutcome>();

    public void Reconciled(string controller, ReconcileOutcome outcome, TimeSpan duration) => _outcomes.Writer.TryWrite(outcome);

    public ValueTask<ReconcileOutcome> NextAsync(CancellationToken cancellationToken) => _outcomes.Reader.ReadAsync(cancellationToken);
}
