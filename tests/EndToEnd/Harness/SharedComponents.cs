using CertOperator.EndToEnd.Chart;
using CertOperator.TestSupport;
using NUnit.Framework;

// Most of a test is waiting: for a CA, for a deadline, for an operator to come up.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]

namespace CertOperator.EndToEnd;

/// <summary>
/// The control plane (with the CRDs) that the tests of this project share, and a Pebble for each test that runs at the same time: it asks
/// for challenges at one port, where one operator listens. Each is started by the first test that needs it.
/// </summary>
[SetUpFixture]
public sealed class SharedComponents : SharedControlPlane
{
    private static readonly Lock Gate = new();
    private static Task<ControlPlane>? _controlPlane;
    private static readonly Stack<Pebble> Free = new();
    private static readonly List<Pebble> Started = [];

    public static Task<ControlPlane> ControlPlaneAsync()
    {
        lock (Gate)
        {
            return _controlPlane ??= WithDefinitionsAsync();
        }
    }

    /// <summary>A Pebble for one test alone, until it gives it back.</summary>
    public static async Task<Pebble> RentPebbleAsync()
    {
        lock (Gate)
        {
            if (Free.TryPop(out var free))
            {
                return free;
            }
        }

        var started = await Pebble.StartAsync();
        lock (Gate)
        {
            Started.Add(started);
        }

        return started;
    }

    public static void Return(Pebble pebble)
    {
        lock (Gate)
        {
            Free.Push(pebble);
        }
    }

    [OneTimeTearDown]
    public async Task StopAndJudgeAsync()
    {
        foreach (var pebble in Started)
        {
            await pebble.DisposeAsync();
        }

        // Before it may fail: nothing after it would be run.
        await StopSharedControlPlaneAsync();
        await UsedRights.JudgeAsync();
    }

    private static async Task<ControlPlane> WithDefinitionsAsync()
    {
        ControlPlane controlPlane = await GetAsync();
        await Harness.Definitions.ApplyAsync(controlPlane);
        return controlPlane;
    }
}
