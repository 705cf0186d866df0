using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Authorities;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Life;

/// <summary>A run that ended is mended and goes on where it stopped, with what it has at the CA.</summary>
public sealed class ResumeTests : ProxiedPoliciesTest
{
    private static readonly (string Name, AcmeRequestKind Kind, StepName Step)[] Refused =
    [
        ("account", AcmeRequestKind.NewAccount, StepName.Preflight),
        ("order", AcmeRequestKind.NewOrder, StepName.PlaceOrder),
        ("authorization", AcmeRequestKind.Authorization, StepName.PlaceOrder),
        ("challenge", AcmeRequestKind.Challenge, StepName.SolveChallenges),
        ("finalize", AcmeRequestKind.Finalize, StepName.Finalize),
        ("certificate", AcmeRequestKind.Certificate, StepName.Finalize),
    ];

    [Test]
    public async Task A_run_that_failed_at_any_request_goes_on_there_with_the_same_order()
    {
        var all = new List<(ProxiedPolicy Policy, StepName Step)>();
        foreach ((string name, AcmeRequestKind kind, StepName step) in Refused)
        {
            ProxiedPolicy policy = await PolicyAsync(name);
            RefuseAlways(policy, kind, "malformed");
            all.Add((policy, step));
        }

        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        foreach ((ProxiedPolicy policy, StepName step) in all)
        {
            CertificateRenewalRun failed = await WaitForOnlyRunAsync(policy);
            Assert.That(failed.Status!.Phase, Is.EqualTo(RunPhase.Failed), policy.Name);
            Assert.That(failed.Status.CurrentStep, Is.EqualTo(step), policy.Name);
            policy.Acme.Hooks.Clear();
            await AnnotateAsync(failed, WellKnown.ResumeRequestedAt, "1", "alice@example.com");
        }

        using (Assert.EnterMultipleScope())
        {
            foreach ((ProxiedPolicy policy, StepName step) in all)
            {
                CertificateRenewalRun run = await WaitUntilAsync(policy, r => r.Status?.Phase == RunPhase.Succeeded, "to succeed");
                Assert.That(run.Status!.Resumption?.RequestedBy, Is.EqualTo("alice@example.com"), policy.Name);
                Assert.That(run.Status.Log!.Select(l => l.Message), Has.Some.StartsWith($"Resumed at step {step}, asked for by alice@example.com"), policy.Name);
                AssertIssuedOnce(policy);
                await Cluster.WaitUntilReadyAsync(policy.Name);
            }
        }
    }

    [Test]
    public async Task What_a_person_must_do_first_is_not_tried_again_before_they_say_so()
    {
        ProxiedPolicy policy = await PolicyAsync("terms");
        RefuseAlways(policy, AcmeRequestKind.NewOrder, "userActionRequired");
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();

        CertificateRenewalRun stopped = await WaitForOnlyRunAsync(policy);
        Assert.That(stopped.Status!.Phase, Is.EqualTo(RunPhase.NeedsManual));
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Stalled") is { Status: "True", Message: var m } && m.Contains(WellKnown.ResumeRequestedAt, StringComparison.Ordinal), "to say how to go on");

        // Asked for too early: the same end once more, and the same value asks for nothing more.
        await AnnotateAsync(stopped, WellKnown.ResumeRequestedAt, "too-early");
        CertificateRenewalRun again = await WaitUntilAsync(policy, r => r.Status is { Phase: RunPhase.NeedsManual, Resumption.Count: 1 }, "to need a person again");
        policy.Acme.Hooks.Clear();
        await AnnotateAsync(again, WellKnown.ResumeRequestedAt, "now");

        await WaitUntilAsync(policy, r => r.Status?.Phase == RunPhase.Succeeded, "to succeed");
        AssertIssuedOnce(policy);
    }

    [Test]
    public async Task An_order_that_the_CA_has_given_up_is_replaced_and_the_log_says_so()
    {
        await Cluster.StartHttp01ServiceAsync();
        var policy = new PolicyBuilder(Cluster);
        OperatorUnderTest one = await Cluster.StartOperatorAsync();
        bool answer = false;
        // Tokens are lost on the way to the operator until that is mended.
        Cluster.Acme.Hooks.After = (request, reply) => Task.FromResult(
            request.Kind == AcmeRequestKind.Authorization && !answer ? reply.WithBody(Damage(reply.BodyText)) : reply);
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun failed = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        Assert.That(failed.Status!.Reason, Is.EqualTo("ChallengeFailed"), failed.Status.Message);

        answer = true;
        await AnnotateAsync(failed, WellKnown.ResumeRequestedAt, "1");
        CertificateRenewalRun run = await Eventually.GetAsync(_ => Cluster.Runs.GetAsync(NamespacedName.Of(failed), CancellationToken.None), r => r.Status?.Phase == RunPhase.Succeeded, Deadlines.Run, "the resumed run to succeed");

        Assert.That(one.HasExited, Is.False);
        Assert.That(run.Status!.Order!.Placed, Is.EqualTo(2));
        Assert.That(run.Status.Log!.Select(l => l.Message), Has.Some.Contains("has given up the order"));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_is_not_resumed_beside_another_or_after_a_success()
    {
        ProxiedPolicy policy = await PolicyAsync("www");
        RefuseAlways(policy, AcmeRequestKind.NewOrder, "malformed");
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        CertificateRenewalRun failed = await WaitForOnlyRunAsync(policy);
        policy.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "now");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        await AnnotateAsync(failed, WellKnown.ResumeRequestedAt, "1");
        CertificateRenewalRun refused = await Eventually.GetAsync(_ => Cluster.Runs.GetAsync(NamespacedName.Of(failed), CancellationToken.None), r => r.Status?.Handled?.ResumeRequestedAt == "1", Deadlines.Run, "the request to be acted on");

        Assert.That(refused.Status!.Phase, Is.EqualTo(RunPhase.Failed));
        Assert.That(refused.Status.Log!.Select(l => l.Message), Has.Some.Contains("has succeeded since"));
        AssertIssuedOnce(policy);
    }

    [Test]
    public async Task After_a_resumed_run_has_failed_again_the_policy_makes_a_new_one_and_not_an_old_one()
    {
        ProxiedPolicy policy = await PolicyAsync("www");
        RefuseAlways(policy, AcmeRequestKind.NewOrder, "malformed");
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        CertificateRenewalRun first = await WaitForOnlyRunAsync(policy);
        await Cluster.RequestRenewalAsync(policy.Name, "second");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await AnnotateAsync(first, WellKnown.ResumeRequestedAt, "1");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status is { ConsecutiveFailures: 3 } status && status.LastRun == first.Metadata.Name, "to account for the resumed run");

        policy.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "third");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 3);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        AssertIssuedOnce(policy);
    }

    private static void RefuseAlways(ProxiedPolicy policy, AcmeRequestKind kind, string type) =>
        policy.Acme.Hooks.Before = request => Task.FromResult(request.Kind == kind ? ProxiedAnswer.Problem(403, type, "Not like this.") : null);

    private static string Damage(string authorization) => authorization.Replace("\"token\": \"", "\"token\": \"x", StringComparison.Ordinal);

    private Task AnnotateAsync(CertificateRenewalRun run, string annotation, string value, string? by = null) =>
        Cluster.AnnotateRunAsync(run, annotation, value, by);

    private Task<CertificateRenewalRun> WaitUntilAsync(ProxiedPolicy policy, Func<CertificateRenewalRun, bool> fits, string what) =>
        Eventually.GetAsync(async _ => (await Cluster.RunsOfAsync(policy.Name))[0], fits, Deadlines.Run, $"the run of {policy.Name} {what}");
}
