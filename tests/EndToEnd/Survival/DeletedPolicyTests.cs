using System.Net;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Survival;

/// <summary>A policy that is deleted in the middle of a run leaves nothing of it behind.</summary>
public sealed class DeletedPolicyTests : ClusterTest
{
    private static IEnumerable<TestCaseData> Points() => new[]
    {
        KillPoint.Before("the account is registered", AcmeRequestKind.NewAccount),
        KillPoint.Before("the order is placed", AcmeRequestKind.NewOrder),
        KillPoint.After("the order is placed", AcmeRequestKind.NewOrder),
        KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge),
        KillPoint.After("the challenge is answered", AcmeRequestKind.Challenge),
        KillPoint.Before("the order is finalized", AcmeRequestKind.Finalize),
        KillPoint.Before("the certificate is downloaded", AcmeRequestKind.Certificate),
        KillPoint.Before("the Secret is written", KillPoints.SecretIsWritten),
        KillPoint.After("the Secret is written", KillPoints.SecretIsWritten),
    }.Select(p => new TestCaseData(p).SetArgDisplayNames(p.Name));

    [TestCaseSource(nameof(Points))]
    public async Task Nothing_is_left_of_a_run_whose_policy_was_deleted(KillPoint point)
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = point.HoldAt(Cluster, release.Task);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(held);
        string? token = (await Cluster.RunsOfAsync(policy.Name)).Single().Status?.Order?.Challenges?.Single().Token;

        await Cluster.Policies.DeleteAsync(Cluster.Name(policy.Name), null, CancellationToken.None);
        await Eventually.TrueAsync(
            async _ => !(await op.MetricsAsync()).Contains($"policy=\"{policy.Name}\"", StringComparison.Ordinal),
            Deadlines.Api,
            "the operator to hear of the deletion");
        release.SetResult();

        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), runs => runs.Count == 0, Deadlines.Run, "the run to go");
        await Eventually.GetAsync(
            async _ => string.Join(',', (await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name).Where(n => !n.StartsWith("certoperator-acme-", StringComparison.Ordinal) && n != MasterKeySecret.SecretName)),
            left => left.Length == 0,
            Deadlines.Api,
            "the Secrets to go");
        if (token is not null)
        {
            using HttpResponseMessage answer = await op.AskForTokenAsync(token);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }
    }

    [Test]
    public async Task A_policy_deleted_after_its_run_leaves_the_Secret_to_those_who_use_it()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        await Cluster.Policies.DeleteAsync(Cluster.Name(policy.Name), null, CancellationToken.None);

        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), (IReadOnlyList<CertificateRenewalRun> runs) => runs.Count == 0, Deadlines.Run, "the run to go");
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Not.Null);
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name($"certoperator-state-{policy.Name}"), CancellationToken.None), Is.Null);
    }
}
