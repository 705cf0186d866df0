using NUnit.Framework;

namespace CertOperator.TestSupport;

/// <summary>
/// One control plane for all tests of a project, started by the first test that asks for it, so that a run without
/// component tests starts none. A test project derives a class with <c>[SetUpFixture]</c> from it, which ends it after the last test.
/// </summary>
public abstract class SharedControlPlane
{
    private static readonly Lock Gate = new();
    private static Task<ControlPlane>? _started;

    /// <summary>The project's control plane. Tests keep apart by a namespace each: <see cref="ControlPlane.CreateNamespaceAsync"/>.</summary>
    public static Task<ControlPlane> GetAsync()
    {
        lock (Gate)
        {
            return _started ??= ControlPlane.StartAsync();
        }
    }

    [OneTimeTearDown]
    public async Task StopSharedControlPlaneAsync()
    {
        Task<ControlPlane>? started;
        lock (Gate)
        {
            (started, _started) = (_started, null);
        }

        if (started is { IsCompletedSuccessfully: true })
        {
            await (await started).DisposeAsync();
        }
    }
}
