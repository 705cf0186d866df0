using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class PolicyAccountingTests
{
    [Test]
    public void Each_finished_run_counts_once_in_the_order_they_finished()
    {
        var first = A.Finished(RunPhase.Failed, A.Now.AddMinutes(-3), "www-1");
        var second = A.Finished(RunPhase.Failed, A.Now.AddMinutes(-2), "www-2");
        var third = A.Finished(RunPhase.Failed, A.Now.AddMinutes(-2), "www-3");
        var runs = new[] { third, first, A.Run(new RunStatus { Phase = RunPhase.Running }), second };
        Assert.That(PolicyAccounting.Unaccounted(null, runs).Select(r => r.Metadata.Name), Is.EqualTo(new[] { "www-1", "www-2", "www-3" }));

        var status = Account(new PolicyStatus(), first, second);
        Assert.That(PolicyAccounting.Unaccounted(status, runs), Is.EqualTo(new[] { third }), "finished in the same instant, but not counted yet");
        Assert.That(PolicyAccounting.Unaccounted(Account(status, third), runs), Is.Empty);
    }

    [Test]
    public void A_run_that_somebody_declared_finished_counts_although_nobody_knows_since_when()
    {
        var run = A.Run(new RunStatus { Phase = RunPhase.Succeeded }, created: A.Now.AddMinutes(-1));
        Assert.That(PolicyAccounting.Unaccounted(null, [run]), Is.EqualTo(new[] { run }));
        Assert.That(Account(new PolicyStatus(), run).LastFinishedRun!.FinishedAt, Is.EqualTo(A.Now.AddMinutes(-1)));
    }

    [Test]
    public void A_dry_run_is_remembered_and_counts_as_nothing_else()
    {
        var dry = A.Finished(RunPhase.Failed, A.Now.AddMinutes(-1), "www-dry");
        dry.Spec = dry.Spec with { Mode = RunMode.DryRun };
        var older = A.Finished(RunPhase.Succeeded, A.Now.AddMinutes(-2), "www-older");
        older.Status = older.Status! with { Mode = RunMode.DryRun };
        Assert.That(PolicyAccounting.Unaccounted(null, [dry, older]), Is.Empty);

        var status = PolicyAccounting.WithDryRun(new PolicyStatus { ConsecutiveFailures = 2 }, [dry, older, A.Finished(RunPhase.Failed, A.Now)]);
        Assert.That((status.LastDryRun!.Name, status.LastDryRun.Phase, status.ConsecutiveFailures), Is.EqualTo(("www-dry", RunPhase.Failed, 2)));
        Assert.That(PolicyAccounting.WithDryRun(status, [older]).LastDryRun!.Name, Is.EqualTo("www-dry"), "the history may be trimmed in any order");
    }

    [Test]
    public void What_targets_have_is_taken_over_from_each_run_however_it_ended()
    {
        var run = A.Finished(RunPhase.NeedsManual, A.Now);
        run.Status = run.Status! with { Deploy = new RunDeployment { Targets = [new TargetUpload { Target = "a", RemoteId = "arn", Fingerprint = "f1", FinishedAt = A.Now }, new TargetUpload { Target = "b", Message = "Access denied." }] } };
        var status = Account(new PolicyStatus(), run);
        Assert.That(status.Targets, Is.EqualTo(new[] { new TargetState { Target = "a", RemoteId = "arn", Fingerprint = "f1", UploadedAt = A.Now } }));
        Assert.That(Account(status, A.Finished(RunPhase.Succeeded, A.Now.AddMinutes(1), "www-2")).Targets, Is.SameAs(status.Targets));
    }

    [Test]
    public void Failures_add_up_and_a_success_clears_them()
    {
        var status = Account(new PolicyStatus(), A.Finished(RunPhase.Failed, A.Now), A.Finished(RunPhase.Failed, A.Now.AddMinutes(1), "www-2"));
        Assert.That(status.ConsecutiveFailures, Is.EqualTo(2));
        Assert.That((status.NextAttemptTime!.Value - A.Now.AddMinutes(1)).TotalMinutes, Is.InRange(1.8, 2.2));

        status = Account(status, A.Finished(RunPhase.Succeeded, A.Now.AddMinutes(2)));
        Assert.That((status.ConsecutiveFailures, status.NextAttemptTime, status.LastFinishedRun!.Message), Is.EqualTo(((int?)0, (DateTimeOffset?)null, (string?)null)));
    }

    [Test]
    public void The_CAs_Retry_After_outlasts_a_shorter_backoff()
    {
        var run = A.Finished(RunPhase.Failed, A.Now);
        run.Status = run.Status! with { RetryAt = A.Now.AddHours(3) };
        Assert.That(Account(new PolicyStatus(), run).NextAttemptTime, Is.EqualTo(A.Now.AddHours(3)));
    }

    [Test]
    public void A_challenge_that_nobody_was_there_to_answer_is_tried_again_at_once_and_only_once()
    {
        var once = Account(new PolicyStatus(), A.Finished(RunPhase.Failed, A.Now, reason: IssuanceReasons.ChallengeInterrupted));
        Assert.That((once.NextAttemptTime, once.ConsecutiveFailures), Is.EqualTo(((DateTimeOffset?)null, (int?)1)));

        var twice = Account(once, A.Finished(RunPhase.Failed, A.Now.AddMinutes(1), "www-2", IssuanceReasons.ChallengeInterrupted));
        Assert.That(twice.NextAttemptTime, Is.GreaterThan(A.Now.AddMinutes(2)));
    }

    [Test]
    public void A_run_that_ended_because_the_policy_was_edited_is_no_failure()
        => Assert.That(Account(new PolicyStatus(), A.Finished(RunPhase.Failed, A.Now, reason: RunReasons.PolicyChanged)).ConsecutiveFailures, Is.Zero);

    [Test]
    public void Issuances_are_remembered_for_seven_days_and_restorations_are_none()
    {
        var status = Account(new PolicyStatus { RecentIssuances = [A.Now.AddDays(-8), A.Now.AddDays(-6)] }, A.Finished(RunPhase.Succeeded, A.Now));
        Assert.That(status.RecentIssuances, Is.EqualTo(new[] { A.Now.AddDays(-6), A.Now }));
        Assert.That(Account(status, A.Finished(RunPhase.Succeeded, A.Now.AddMinutes(1), restored: true)).RecentIssuances, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_request_is_handled_once_a_run_answers_it_and_stays_so_when_that_run_is_gone()
    {
        var policy = A.Policy(annotations: new() { [WellKnown.RenewRequestedAt] = "2" });
        var (first, second) = (Answering("1"), Answering("2"));
        Assert.That(PolicyAccounting.Handle(new PolicyStatus(), policy, [first]).Handled, Is.Null, "that run answers an earlier request");

        var status = PolicyAccounting.Handle(new PolicyStatus(), policy, [second, first]);
        Assert.That(status.Handled!.RenewRequestedAt, Is.EqualTo("2"));
        Assert.That(PolicyAccounting.Handle(status, policy, [first]).Handled!.RenewRequestedAt, Is.EqualTo("2"));
    }

    [Test]
    public void The_certificate_of_a_run_that_failed_after_storing_it_is_no_stranger()
    {
        var run = A.Finished(RunPhase.Failed, A.Now, reason: RunReasons.InvalidPolicy);
        run.Status = run.Status! with { Certificate = A.Certificate("f2") };
        var policy = A.Policy(status: new PolicyStatus { Fingerprint = "f1" });
        Assert.That(Observe(policy, run).ExpectedFingerprint, Is.EqualTo("f1"), "refused, not stored");

        run.Status = run.Status with { CurrentStep = StepName.Deploy };
        Assert.That(Observe(policy, run).ExpectedFingerprint, Is.EqualTo("f2"));
    }

    [Test]
    public void A_run_that_was_taken_up_again_counts_once()
    {
        var first = A.Finished(RunPhase.NeedsManual, A.Now);
        first.Status = first.Status! with { Certificate = A.Certificate("f2"), IssuedAt = A.Now.AddMinutes(-1), StartedAt = A.Now.AddMinutes(-2), Order = new RunOrder { Url = "https://ca.example.com/order/1", Placed = 2 } };
        var again = A.Finished(RunPhase.NeedsManual, A.Now.AddHours(1));
        again.Status = first.Status with { FinishedAt = A.Now.AddHours(1) };
        var status = Account(Account(new PolicyStatus(), first), again);
        Assert.That((status.ConsecutiveFailures, status.IssuanceFailures), Is.EqualTo((1, (int?)null)), "and it had its certificate");
        Assert.That(status.RecentIssuances, Is.EqualTo(new[] { A.Now.AddMinutes(-1) }));
        Assert.That(status.RecentOrders, Has.Count.EqualTo(2), "the first was gone, so there was another");
    }

    [Test]
    public void Only_runs_without_a_certificate_bring_the_next_provider()
    {
        var status = Account(new PolicyStatus(), A.Finished(RunPhase.Failed, A.Now), A.Finished(RunPhase.Failed, A.Now.AddMinutes(1), "www-2"));
        Assert.That((status.ConsecutiveFailures, status.IssuanceFailures), Is.EqualTo((2, 2)));

        var refusedByCluster = A.Finished(RunPhase.Failed, A.Now.AddMinutes(2), "www-3");
        refusedByCluster.Status = refusedByCluster.Status! with { Certificate = A.Certificate() };
        status = Account(status, refusedByCluster);
        Assert.That((status.ConsecutiveFailures, status.IssuanceFailures), Is.EqualTo((3, (int?)null)));
    }

    [Test]
    public void Failed_validations_are_remembered_when_their_runs_are_gone()
    {
        var status = Account(new PolicyStatus(), A.Finished(RunPhase.Failed, A.Now, reason: IssuanceReasons.ChallengeFailed), A.Finished(RunPhase.Failed, A.Now.AddMinutes(1), "www-2"));
        Assert.That(status.RecentFailedValidations, Is.EqualTo(new[] { A.Now }));
    }

    [Test]
    public void The_certificate_of_a_run_that_is_gone_is_known_by_what_the_Secret_says_of_it()
    {
        var policy = A.Policy(status: new PolicyStatus { Fingerprint = "f1", NotBefore = A.Now.AddDays(-2) });
        var newer = Observe(policy) with { Secret = A.Present(A.Certificate("f2")) with { IsOwn = true } };
        Assert.That(newer.ExpectedFingerprint, Is.EqualTo("f2"));
        Assert.That((newer with { Secret = A.Present(A.Certificate("f2")) }).ExpectedFingerprint, Is.EqualTo("f1"), "somebody else's");
        Assert.That((newer with { Secret = A.Present(A.Certificate("f2") with { NotBefore = A.Now.AddDays(-3) }) with { IsOwn = true } }).ExpectedFingerprint, Is.EqualTo("f1"), "from a backup");
    }

    [Test]
    public void What_a_run_has_written_is_expected_while_it_goes_on()
    {
        var policy = A.Policy(status: new PolicyStatus { Fingerprint = "f1" });
        var verifying = A.Run(new RunStatus { Phase = RunPhase.Running, CurrentStep = StepName.Verify, Certificate = A.Certificate("f2") });
        Assert.That(Observe(policy, verifying).ExpectedFingerprint, Is.EqualTo("f2"));
        verifying.Status = verifying.Status! with { CurrentStep = StepName.StoreSecret };
        Assert.That(Observe(policy, verifying).ExpectedFingerprint, Is.EqualTo("f1"));
    }

    private static PolicyObservation Observe(CertificateRenewalPolicy policy, params CertificateRenewalRun[] runs)
        => new() { Policy = policy, Resolution = PolicyResolver.Resolve(policy, null), Runs = runs, OlderWriter = null, Secret = null, MissingReference = null };

    private static CertificateRenewalRun Answering(string request)
    {
        var run = A.Run(name: "www-" + request);
        run.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewRequestedAt] = request };
        return run;
    }

    [Test]
    public void A_leader_whose_clock_was_a_day_ahead_does_not_make_its_successor_wait_a_day()
    {
        var status = Account(new PolicyStatus(), A.Finished(RunPhase.Succeeded, A.Now.AddDays(1)));

        status = PolicyAccounting.Account(status, A.Finished(RunPhase.Failed, A.Now.AddDays(1).AddMilliseconds(1), "www-2"), A.Policy(), new Uri(A.Server), A.Now);

        Assert.That((status.NextAttemptTime!.Value - A.Now).TotalMinutes, Is.InRange(0.8, 1.2));
    }

    private static PolicyStatus Account(PolicyStatus status, params CertificateRenewalRun[] runs)
        => runs.Aggregate(status, (s, r) => PolicyAccounting.Account(s, r, A.Policy(), new Uri(A.Server), r.Status!.FinishedAt > A.Now ? r.Status.FinishedAt.Value : A.Now));
}
