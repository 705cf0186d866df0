using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

/// <summary>A test on a control plane that no other test uses.</summary>
public abstract class OwnControlPlaneTest : ClusterTest
{
    private ControlPlane? _controlPlane;

    /// <summary>Further flags of kube-apiserver.</summary>
    protected virtual IReadOnlyList<string> ApiServerFlags => [];

    [TearDown]
    public async Task StopControlPlaneAsync()
    {
        if (_controlPlane is not null)
        {
            await _controlPlane.DisposeAsync();
        }
    }

    protected override async Task<TestCluster> CreateClusterAsync()
    {
        _controlPlane = await ControlPlane.StartAsync(ApiServerFlags);
        await Definitions.ApplyAsync(_controlPlane);
        return await TestCluster.StartAsync(_controlPlane);
    }
}
