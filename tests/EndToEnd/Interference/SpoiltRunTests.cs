using System.Net;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Interference;

/// <summary>Somebody changes or deletes a run while the operator works on it.</summary>
public sealed class SpoiltRunTests : ClusterTest
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PolicyBuilder _policy = null!;
    private OperatorUnderTest _operator = null!;

    private static IEnumerable<TestCaseData> Points() => new[]
    {
        KillPoint.Before("the order is placed", AcmeRequestKind.NewOrder),
        KillPoint.After("the challenge is answered", AcmeRequestKind.Challenge),
        KillPoint.Before("the order is finalized", AcmeRequestKind.Finalize),
        KillPoint.Before("the Secret is written", KillPoints.SecretIsWritten),
    }.Select(p => new TestCaseData(p).SetArgDisplayNames(p.Name));

    [TestCaseSource(nameof(Points))]
    public async Task A_run_that_was_deleted_is_followed_by_another(KillPoint point)
    {
        await using PairWatcher pairs = await PairWatcher.StartAsync(Cluster);
        CertificateRenewalRun run = await HoldAsync(point);
        string? token = run.Status?.Order?.Challenges?.Single().Token;

        await Cluster.Runs.DeleteAsync(NamespacedName.Of(run), null, CancellationToken.None);
        _release.SetResult();
        await Cluster.WaitUntilReadyAsync(_policy.Name);

        CertificateRenewalRun? next = (await Cluster.RunsOfAsync(_policy.Name)).SingleOrDefault();
        if (next is null)
        {
            // The request that was held reaches the API server in the end, and then the policy has its certificate.
            Assert.That(point.Name, Does.Contain("Secret"), "the policy is Ready without another run");
        }
        else
        {
            Assert.That(next.Metadata.Uid, Is.Not.EqualTo(run.Metadata.Uid));
            Assert.That(next.Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        }

        Assert.That(pairs.Mismatches, Is.Empty);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.AtMost(2));
        if (token is not null)
        {
            using HttpResponseMessage answer = await _operator.AskForTokenAsync(token);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }
    }

    [Test]
    public async Task A_run_that_was_given_another_policy_is_given_up_and_its_own_policy_gets_another()
    {
        CertificateRenewalRun run = await HoldAsync(KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge));

        await ChangeAsync(run, r => r.Spec = r.Spec with { PolicyRef = new PolicyReference { Name = "another" } });
        _release.SetResult();
        await Cluster.WaitUntilReadyAsync(_policy.Name);

        CertificateRenewalRun next = (await Cluster.RunsOfAsync(_policy.Name)).Single();
        Assert.That(next.Metadata.Uid, Is.Not.EqualTo(run.Metadata.Uid));
        Assert.That(await Cluster.RunsOfAsync("another"), Is.Empty);
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
    }

    [Test]
    public async Task A_change_of_a_run_that_alters_nothing_does_not_stop_it()
    {
        CertificateRenewalRun run = await HoldAsync(KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge));

        await ChangeAsync(run, r =>
        {
            r.Spec = r.Spec with { RequestedBy = "somebody else" };
            r.Metadata.Annotations!["example.com/note"] = "hello";
        });
        _release.SetResult();
        await Cluster.WaitUntilReadyAsync(_policy.Name);

        Assert.That((await Cluster.RunsOfAsync(_policy.Name)).Single().Metadata.Uid, Is.EqualTo(run.Metadata.Uid));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_whose_status_was_emptied_goes_on_with_the_key_and_the_order_that_it_has()
    {
        CertificateRenewalRun run = await HoldAsync(KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge));

        await GarbleAsync(run, _ => new RunStatus());
        _release.SetResult();
        await Cluster.WaitUntilReadyAsync(_policy.Name);

        Assert.That((await Cluster.RunsOfAsync(_policy.Name)).Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded }));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_that_was_declared_finished_by_somebody_is_followed_by_another()
    {
        CertificateRenewalRun run = await HoldAsync(KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge));

        await GarbleAsync(run, s => s with { Phase = RunPhase.Succeeded });
        _release.SetResult();
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(_policy.Name);

        Assert.That(ready.Status!.LastFinishedRun!.Name, Is.Not.EqualTo(run.Metadata.Name));
        Assert.That(await Cluster.RunsOfAsync(_policy.Name), Has.Count.EqualTo(2));
    }

    [TestCase("no steps", "InvalidRun", "does not hold every step")]
    [TestCase("another URL", "OrderInvalid", "status.order.url")]
    [TestCase("no order", "OrderInvalid", "status.order of the run is gone")]
    public async Task A_status_that_says_nonsense_ends_the_run_with_a_clear_word_and_the_next_one_is_well(string what, string reason, string message)
    {
        await HoldAsync(KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge));
        await _operator.KillAsync();
        _release.SetResult();

        await GarbleAsync((await Cluster.RunsOfAsync(_policy.Name)).Single(), s => what switch
        {
            "no steps" => s with { Steps = [] },
            "another URL" => s with { Order = s.Order! with { Url = "nonsense" } },
            _ => s with { Order = null },
        });
        await Cluster.StartOperatorAsync();
        CertificateRenewalPolicy failed = await Cluster.WaitForPolicyAsync(_policy.Name, p => p.Status?.LastFinishedRun is not null, "to account for the run");
        await Cluster.RequestRenewalAsync(_policy.Name, "again");
        await Cluster.WaitUntilReadyAsync(_policy.Name);

        Assert.That((failed.Status!.LastFinishedRun!.Phase, failed.Status.LastFinishedRun.Reason), Is.EqualTo((RunPhase.Failed, reason)));
        Assert.That(failed.Status.LastFinishedRun.Message, Does.Contain(message));
        Assert.That((await Cluster.RunsOfAsync(_policy.Name)).Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Failed, RunPhase.Succeeded }));
    }

    /// <summary>Starts an operator and a policy, and holds the run at this instant.</summary>
    private async Task<CertificateRenewalRun> HoldAsync(KillPoint point)
    {
        _operator = await Cluster.StartOperatorAsync();
        _policy = new PolicyBuilder(Cluster);
        Task held = point.HoldAt(Cluster, _release.Task);
        await Cluster.CreateAsync(_policy);
        await Cluster.ReachedAsync(held);
        return (await Cluster.RunsOfAsync(_policy.Name)).Single();
    }

    private Task ChangeAsync(CertificateRenewalRun run, Action<CertificateRenewalRun> change) => Eventually.GetAsync(
        async ct =>
        {
            CertificateRenewalRun current = await Cluster.Runs.GetAsync(NamespacedName.Of(run), ct);
            change(current);
            return await Cluster.Runs.UpdateAsync(current, ct);
        },
        _ => true,
        Deadlines.Api,
        "the run to be changed");

    private Task GarbleAsync(CertificateRenewalRun run, Func<RunStatus, RunStatus> change) => Eventually.GetAsync(
        async ct =>
        {
            CertificateRenewalRun current = await Cluster.Runs.GetAsync(NamespacedName.Of(run), ct);
            current.Status = change(current.Status!);
            return await Cluster.Runs.UpdateStatusAsync(current, ct);
        },
        _ => true,
        Deadlines.Api,
        "the run's status to be changed");
}
