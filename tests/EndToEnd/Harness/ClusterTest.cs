using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace CertOperator.EndToEnd.Harness;

/// <summary>A test on real components. When it fails, its output holds what passed the proxies and the ends of the operators' logs.</summary>
[Category("Component")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class ClusterTest
{
    private TestCluster? _cluster;

    protected TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The test has not started yet.");

    [SetUp]
    public async Task StartClusterAsync() => _cluster = await CreateClusterAsync();

    [TearDown]
    public async Task StopClusterAsync()
    {
        if (_cluster is null)
        {
            return;
        }

        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
        {
            await _cluster.DescribeAsync(TestContext.Out);
        }

        await _cluster.DisposeAsync();
    }

    /// <summary>On the shared components, unless a fixture needs some of its own.</summary>
    protected virtual Task<TestCluster> CreateClusterAsync() => TestCluster.StartAsync();
}
