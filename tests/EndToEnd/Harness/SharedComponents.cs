using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd;

/// <summary>The control plane (with the CRDs) and the Pebble that the tests of this project share; each is started by the first test that asks for it.</summary>
[SetUpFixture]
public sealed class SharedComponents : SharedControlPlane
{
    private static readonly Lock Gate = new();
    private static Task<ControlPlane>? _controlPlane;
    private static Task<Pebble>? _pebble;

    public static Task<ControlPlane> ControlPlaneAsync()
    {
        lock (Gate)
        {
            return _controlPlane ??= WithDefinitionsAsync();
        }
    }

    public static Task<Pebble> PebbleAsync()
    {
        lock (Gate)
        {
            return _pebble ??= Pebble.StartAsync();
        }
    }

    [OneTimeTearDown]
    public async Task StopSharedPebbleAsync()
    {
        if (_pebble is { IsCompletedSuccessfully: true } started)
        {
            await (await started).DisposeAsync();
        }
    }

    private static async Task<ControlPlane> WithDefinitionsAsync()
    {
        ControlPlane controlPlane = await GetAsync();
        await Harness.Definitions.ApplyAsync(controlPlane);
        return controlPlane;
    }
}
