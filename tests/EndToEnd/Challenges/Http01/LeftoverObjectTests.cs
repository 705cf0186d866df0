using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges.Http01;

/// <summary>However a run ends, and whatever is killed, deleted or changed under it: what it made in the cluster goes. No garbage collector helps here.</summary>
public sealed class LeftoverObjectTests : Http01Test
{
    private static KillPoint BeforeAnswer => KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge);

    private static IEnumerable<TestCaseData> KillPoints() => new[]
    {
        KillPoint.After("the Service is made", r => r is { Verb: "patch", Resource: "services" }),
        BeforeAnswer,
        KillPoint.After("the Ingress is deleted", r => r is { Verb: "delete", Resource: "ingresses" }),
    }.Select(p => new TestCaseData(p).SetArgDisplayNames(p.Name));

    [TestCaseSource(nameof(KillPoints))]
    public async Task A_run_that_was_killed_ends_well_and_leaves_nothing(KillPoint point)
    {
        await CreateSolverAsync(ByIngress);
        OperatorUnderTest victim = await StartOperatorAsync();
        Task killed = point.KillAt(Cluster, victim);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);

        await StartOperatorAsync();

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That((await OnlyRunAsync(policy)).Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task A_policy_deleted_while_no_operator_was_there_leaves_no_key_in_the_webroot()
    {
        await CreateWebrootAsync();
        await CreateSolverAsync(ByWebroot);
        OperatorUnderTest victim = await StartOperatorAsync();
        Task killed = BeforeAnswer.KillAt(Cluster, victim);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);
        ConfigMap webroot = await Cluster.Resource(CoreResources.ConfigMaps).GetAsync(Cluster.Name(Edge.Webroot), CancellationToken.None);
        Assert.That(webroot.Data, Has.Count.EqualTo(2));

        // As the garbage collector does it, a policy goes together with its runs. The solver goes, too.
        CertificateRenewalRun run = (await Cluster.RunsOfAsync(policy.Name)).Single();
        await Cluster.Policies.DeleteAsync(Cluster.Name(policy.Name), null, CancellationToken.None);
        await Cluster.Runs.DeleteAsync(Cluster.Name(run.Metadata.Name), null, CancellationToken.None);
        await Cluster.Settings.DeleteAsync(Cluster.Name("default"), null, CancellationToken.None);
        await StartOperatorAsync();

        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), runs => runs.Count == 0, Deadlines.Run, "the run to go");
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task A_run_that_the_CA_fails_leaves_nothing_and_what_is_not_its_own_stays()
    {
        await CreateSolverAsync(ByIngress);
        await StartOperatorAsync();
        string? foreign = null;
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Challenge && foreign is null)
            {
                // Somebody puts an Ingress of the same name in its place, and the CA finds nothing.
                Ingress made = (await ListAsync(NetworkResources.Ingresses)).Single();
                foreign = made.Metadata.Name;
                await Cluster.Resource(NetworkResources.Ingresses).DeleteAsync(Cluster.Name(foreign), null, CancellationToken.None);
                made.Metadata = new ObjectMeta { Name = foreign, Namespace = Cluster.Namespace };
                made.Spec.IngressClassName = "another";
                await Cluster.Resource(NetworkResources.Ingresses).CreateAsync(made, CancellationToken.None);
            }

            return null;
        };
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Reason, Is.EqualTo("ChallengeFailed"));
        Assert.That((await ListAsync(NetworkResources.Ingresses)).Select(i => i.Metadata.Name), Is.EqualTo(new[] { foreign }));
        await Cluster.Resource(NetworkResources.Ingresses).DeleteAsync(Cluster.Name(foreign!), null, CancellationToken.None);
        await AssertNothingLeftAsync();
    }
}
