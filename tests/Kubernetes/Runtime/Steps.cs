using CertOperator.TestSupport;

namespace CertOperator.Kubernetes.Tests.Runtime;

/// <summary>Lets time pass in steps while the code under test works on other threads.</summary>
internal static class Steps
{
    /// <param name="clock">The clock of the code under test.</param>
    /// <param name="step">How far it moves at a time.</param>
    /// <param name="condition">Ends it.</param>
    /// <param name="cancellationToken">The test's deadline.</param>
    public static async Task AdvanceUntilAsync(ManualTimeProvider clock, TimeSpan step, Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await SettleAsync(cancellationToken);
            clock.Advance(step);
        }
    }

    /// <summary>Gives other threads the time to go on to their next wait. Correctness must not depend on it.</summary>
    public static Task SettleAsync(CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
}
