using CertOperator.EndToEnd.Challenges.Http01;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Chart;

/// <summary>The chart with <c>namespaces</c>: no right in the whole cluster, and an operator's namespace that is none of those with policies.</summary>
public sealed class ConfinedOperatorTests : Http01Test
{
    [Test]
    public async Task A_certificate_is_issued_with_a_Role_in_the_namespace_and_another_in_the_operators_own()
    {
        string own = await Cluster.ControlPlane.CreateNamespaceAsync();
        await using ApiProxy api = await ApiProxy.StartAsync(Cluster.ControlPlane, await ChartIdentity.ConfineAsync(Cluster.ControlPlane, own, Cluster.Namespace));
        await CreateSolverAsync(ByIngress);
        await StartOperatorAsync(kubeconfig: api.KubeconfigPath, own: own);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That(Edge.Served, Is.Not.Empty, "the way that leads through the Service in the operator's namespace");
        Assert.That(await Cluster.ControlPlane.KubectlAsync(["get", "secrets", "-n", own, "-o", "name"]), Is.EqualTo("secret/certoperator-master-key"));
        Assert.That((await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name), Has.None.EqualTo("certoperator-master-key"));
        // Of the rules for Prometheus nobody here knows; all else was found where the operator may look.
        Assert.That(api.Exchanges.Where(e => e.Status is 401 or 403), Is.Empty);
        await AssertNothingLeftAsync();
    }
}
