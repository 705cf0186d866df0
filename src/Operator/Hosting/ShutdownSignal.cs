using System.Runtime.InteropServices;

namespace CertOperator.Operator.Hosting;

/// <summary>
/// Turns the first SIGTERM or SIGINT into a cancelled token, so that work can finish or park. A second one ends the process at
/// once, as the system would have done with the first.
/// </summary>
public sealed class ShutdownSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public ShutdownSignal()
    {
        _registrations = [Register(PosixSignal.SIGTERM), Register(PosixSignal.SIGINT)];
    }

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The signal that came; null as long as none has.</summary>
    public string? Received { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        if (Received is not null)
        {
            return;
        }

        Received = signal.ToString();
        context.Cancel = true;
        // Work that ends at the token must not run on the thread that delivers signals.
        _ = _source.CancelAsync();
    });
}
