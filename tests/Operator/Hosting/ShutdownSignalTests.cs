using CertOperator.Operator.Hosting;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting;

[NonParallelizable]
public sealed class ShutdownSignalTests
{
    [TestCase(ToolSignal.Terminate, "SIGTERM")]
    [TestCase(ToolSignal.Interrupt, "SIGINT")]
    public async Task The_first_signal_cancels_the_token_and_lets_the_process_live(ToolSignal signal, string name)
    {
        using var shutdown = new ShutdownSignal();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = shutdown.Token.Register(() => cancelled.SetResult());

        ToolProcess.Send(Environment.ProcessId, signal);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        Assert.That(shutdown.Received, Is.EqualTo(name));
    }
}
