using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Interference;

/// <summary>
/// A namespace that is deleted loses its objects one by one, in any order, and takes no new ones. There is no namespace controller
/// here, so the test does its work.
/// </summary>
public sealed class DeletedNamespaceTests : ClusterTest
{
    [TestCase("secrets", "runs", "policies")]
    [TestCase("policies", "runs", "secrets")]
    [TestCase("runs", "policies", "secrets")]
    public async Task Nothing_comes_back_and_the_operator_goes_on(params string[] order)
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = KillPoint.Before("the order is finalized", AcmeRequestKind.Finalize).HoldAt(Cluster, release.Task);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(held);

        bool terminating = true;
        Cluster.Api.Hooks.Before = request => Task.FromResult(Volatile.Read(ref terminating) && (request.Verb == "create" || request is { Verb: "patch", Resource: "secrets" }) ? Terminating(request) : null);
        foreach (string kind in order)
        {
            await DeleteAllAsync(kind);
        }

        release.SetResult();
        await Eventually.GetAsync(_ => LeftAsync(), left => left.Length == 0, Deadlines.Run, "the namespace to be empty");

        Volatile.Write(ref terminating, false);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(op.HasExited, Is.False);
        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded }));
    }

    private async Task DeleteAllAsync(string kind)
    {
        switch (kind)
        {
            case "secrets":
                foreach (Secret secret in await Cluster.AllSecretsAsync())
                {
                    await Cluster.Secrets.DeleteAsync(NamespacedName.Of(secret), null, CancellationToken.None);
                }

                break;

            case "runs":
                foreach (CertificateRenewalRun run in await Cluster.RunsOfAsync("www"))
                {
                    await Cluster.Runs.DeleteAsync(NamespacedName.Of(run), null, CancellationToken.None);
                }

                break;

            default:
                await Cluster.Policies.DeleteAsync(Cluster.Name("www"), null, CancellationToken.None);
                break;
        }
    }

    private async Task<string> LeftAsync()
    {
        List<string> left = [.. (await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name), .. (await Cluster.RunsOfAsync("www")).Select(r => r.Metadata.Name)];
        await foreach (CertificateRenewalPolicy policy in Cluster.Policies.ListAsync(new ListOptions { Namespace = Cluster.Namespace }, CancellationToken.None))
        {
            left.Add(policy.Metadata.Name);
        }

        return string.Join(',', left);
    }

    private ProxiedAnswer Terminating(ApiRequest request) => ProxiedAnswer.Of(
        403,
        "application/json",
        $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"{{request.Resource}} is forbidden: unable to create new content in namespace {{Cluster.Namespace}} because it is being terminated"}""");
}
