using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Authorities;
using CertOperator.EndToEnd.Deployments;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Life;

/// <summary>Steps that fail for what stands in the cluster: mended, the run goes on there, and the CA hears of no second order.</summary>
public sealed class ResumeAtStepTests : ProxiedPoliciesTest
{
    [Test]
    public async Task A_run_goes_on_at_the_step_that_something_in_the_cluster_had_stopped()
    {
        ProxiedPolicy prepare = await PolicyAsync("prepare");
        ProxiedPolicy store = await PolicyAsync("store");
        ProxiedPolicy deploy = await PolicyAsync("deploy");
        deploy.Builder.With(s => s with { Deploy = new DeploySpec { Restarts = [new WorkloadRestartSpec { Kind = WorkloadKind.Deployment, Name = "web", TimeoutSeconds = 120 }] } });
        await CreateForeignAsync("certoperator-state-prepare");
        store.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Finalize)
            {
                await CreateForeignAsync("store-tls");
            }

            return null;
        };
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();

        CertificateRenewalRun[] stopped =
        [
            await StoppedAtAsync(prepare, StepName.PrepareKey, RunPhase.Failed),
            await StoppedAtAsync(store, StepName.StoreSecret, RunPhase.Failed),
            await StoppedAtAsync(deploy, StepName.Deploy, RunPhase.NeedsManual),
        ];
        store.Acme.Hooks.Clear();
        await DeleteAsync("certoperator-state-prepare");
        await DeleteAsync("store-tls");
        Workload web = await Workload.CreateAsync(Cluster, "web");
        foreach (CertificateRenewalRun run in stopped)
        {
            await Cluster.AnnotateRunAsync(run, WellKnown.ResumeRequestedAt, "mended");
        }

        await web.WaitForRestartAsync("deploy");
        await web.FinishRolloutAsync();
        foreach (ProxiedPolicy policy in Policies)
        {
            CertificateRenewalRun run = await Eventually.GetAsync(async _ => (await Cluster.RunsOfAsync(policy.Name))[0], r => r.Status?.Phase == RunPhase.Succeeded, Deadlines.Run, $"the run of {policy.Name} to succeed");
            Assert.That(run.Status!.Steps!.Select(s => s.State), Has.All.AnyOf(StepState.Done, StepState.Skipped), policy.Name);
            Assert.That((policy.Acme.OrdersPlaced, policy.Acme.OrdersFinalized), Is.EqualTo((1, 1)), policy.Name);
            await Cluster.WaitUntilReadyAsync(policy.Name);
        }
    }

    private async Task<CertificateRenewalRun> StoppedAtAsync(ProxiedPolicy policy, StepName step, RunPhase phase)
    {
        CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);
        Assert.That((run.Status!.CurrentStep, run.Status.Phase), Is.EqualTo(((StepName?)step, (RunPhase?)phase)), $"{policy.Name}: {run.Status.Message}");
        return run;
    }

    private Task CreateForeignAsync(string name)
        => Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace }, Type = "Opaque", Data = new Dictionary<string, byte[]> { ["of"] = "somebody"u8.ToArray() } },
            CancellationToken.None);

    private Task DeleteAsync(string name) => Cluster.Secrets.DeleteAsync(Cluster.Name(name), null, CancellationToken.None);
}
