using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Chart;

/// <summary>
/// The rights of <c>rbac.finalizers</c>, on an API server whose admission asks for them, as OpenShift's does. It asks without a request of
/// its own, so here they are taken away.
/// </summary>
public sealed class FinalizerRightsTests : OwnControlPlaneTest
{
    protected override IReadOnlyList<string> ApiServerFlags => ["--enable-admission-plugins=OwnerReferencesPermissionEnforcement"];

    [Test]
    public async Task What_owns_other_objects_needs_the_right_to_its_finalizers()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");
        Assert.That(stalled.Condition("Stalled")!.Message, Does.Contain("cannot set blockOwnerDeletion"));

        await GrantAsync(roles => roles.Replace(", certificaterenewalbatches/finalizers", "", StringComparison.Ordinal));
        await Cluster.WaitUntilReadyAsync(policy.Name);

        await Cluster.Batches.CreateAsync(
            new CertificateRenewalBatch { Metadata = new ObjectMeta { Name = "spring", Namespace = Cluster.Namespace }, Spec = new BatchSpec() },
            CancellationToken.None);
        await Eventually.TrueAsync(
            () => Cluster.Api.Exchanges.Any(e => e is { Verb: "patch", Resource: "configmaps", Status: 403 }), Deadlines.Run, "the rows of the batch to be refused");

        await GrantAsync(roles => roles);
        await Eventually.GetAsync(
            ct => Cluster.Batches.GetAsync(Cluster.Name("spring"), ct), b => b.Status?.Phase == BatchPhase.Previewed, Deadlines.Run, "the batch to be previewed");
    }

    private async Task GrantAsync(Func<string, string> change) =>
        await Cluster.ControlPlane.ApplyAsync(change(await Helm.TemplateAsync(
            ChartIdentity.Release, "certoperator-system", "--set", "rbac.finalizers=true", "--show-only", "templates/rbac-workspaces.yaml")));
}
