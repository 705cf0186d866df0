using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Survival;

/// <summary>The only replica dies when the CA has been told to look, and is back after it has looked.</summary>
public sealed class UnansweredChallengeTests : ClusterTest
{
    [Test]
    public async Task A_challenge_that_nobody_was_there_to_answer_is_tried_again_at_once()
    {
        int refused = Refused();
        // The first operator answers where nobody asks, so that the CA cannot be faster than the kill.
        OperatorUnderTest victim = await Cluster.StartOperatorAsync(new OperatorSettings { Http01Port = FreePort.Next() });
        Task killed = KillPoint.After("the challenge is answered", AcmeRequestKind.Challenge).KillAt(Cluster, victim);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);
        await Eventually.TrueAsync(() => Refused() > refused, Deadlines.Run, "the CA to find nobody");

        await Cluster.StartOperatorAsync();
        // The usual wait after a failure is at least 54 seconds.
        await Cluster.WaitUntilReadyAsync(policy.Name, TimeSpan.FromSeconds(45));

        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Select(r => r.Status!.Reason), Is.EqualTo(new[] { "ChallengeInterrupted", "Succeeded" }));
    }

    [Test]
    public async Task A_CA_that_was_told_only_after_the_restart_did_not_come_in_vain_for_that()
    {
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        Task killed = KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge).KillAt(Cluster, victim);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);

        // Answers where nobody asks.
        await Cluster.StartOperatorAsync(new OperatorSettings { Http01Port = FreePort.Next() });
        Assert.That((await Cluster.WaitForFinishedRunsAsync(policy.Name))[0].Status!.Reason, Is.EqualTo("ChallengeFailed"));
    }

    /// <summary>Validations that failed, by the CA's own account.</summary>
    private int Refused() => Cluster.Pebble.Log.Split("set INVALID").Length - 1;
}
