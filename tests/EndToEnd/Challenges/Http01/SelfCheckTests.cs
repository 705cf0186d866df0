using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges.Http01;

/// <summary>The CA is asked when the operator sees the answer itself, or cannot look.</summary>
public sealed class SelfCheckTests : Http01Test
{
    [Test]
    public async Task The_CA_is_not_asked_before_the_answer_is_seen()
    {
        await CreateSolverAsync(ByIngress);
        await StartOperatorAsync();
        Edge.BrokenWith = 404;
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await WaitForMessageAsync(policy, $"http://{policy.Hostname}:{Cluster.Pebble.HttpPort} answers 404");
        await WaitForMessageAsync(policy, "once the controller of class edge has taken it up");
        Assert.That(ChallengesAnswered, Is.Zero);

        Edge.BrokenWith = null;

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task A_wrong_answer_to_the_end_fails_the_run_without_the_CA()
    {
        await CreateWebrootAsync();
        await CreateSolverAsync(ByWebroot with { SelfCheckTimeoutSeconds = 1 });
        await StartOperatorAsync();
        Edge.BrokenWith = 503;
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed));
        Assert.That(run.Status.Reason, Is.EqualTo("SelfCheckFailed"));
        Assert.That(run.Status.Message, Does.Contain("answers 503").And.Contain($"ConfigMap {Edge.Webroot}").And.Contain("the CA was not asked"));
        Assert.That(ChallengesAnswered, Is.Zero);
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task A_host_that_cannot_be_reached_from_the_operator_does_not_stop_it()
    {
        await CreateSolverAsync(ByIngress with { SelfCheckTimeoutSeconds = 1 });
        await StartOperatorAsync(selfCheckPort: FreePort.Next());
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        CertificateRenewalRun run = await OnlyRunAsync(policy);
        Assert.That(run.Status!.Log!.Select(l => l.Message), Has.Some.Contains("No connection to").And.Some.Contains("is asked all the same"));
        await AssertNothingLeftAsync();
    }

    [Test]
    public async Task Without_a_self_check_the_CA_is_asked_at_once()
    {
        await CreateSolverAsync(ByIngress with { SelfCheckTimeoutSeconds = 0 });
        await StartOperatorAsync(selfCheckPort: FreePort.Next());
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That((await OnlyRunAsync(policy)).Status!.Log!.Select(l => l.Message), Has.None.Contains("all the same"));
    }
}
