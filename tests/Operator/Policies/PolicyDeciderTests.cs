using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class PolicyDeciderTests
{
    private static readonly RenewalDecision Later = new(A.Now.AddDays(30), RenewalSource.LastThird, null);
    private static readonly RenewalDecision Due = new(A.Now.AddSeconds(-1), RenewalSource.LastThird, null);

    private static IEnumerable<TestCaseData> Needs()
    {
        yield return Case("no Secret", new SecretFinding.Absent(), PolicyReasons.DoesNotExist);
        yield return Case("a broken Secret", new SecretFinding.Defective(PolicyReasons.InvalidKeyPair, "broken"), PolicyReasons.InvalidKeyPair);
        yield return Case("another name", A.Present(A.Certificate() with { Names = ["old.example.com"] }), PolicyReasons.RequestChanged);
        yield return Case("another issuer", A.Present(issuedFrom: "https://other.example.com/dir"), PolicyReasons.IncorrectIssuer);
        yield return Case("a Secret of nobody", A.Present(issuedFrom: null), PolicyReasons.IncorrectIssuer);
        yield return Case("another key", A.Present() with { KeySize = 384 }, PolicyReasons.KeyChanged);
        yield return Case("an expired certificate", A.Present(A.Certificate(notAfter: A.Now)), PolicyReasons.Expired);
        yield return Case("lost labels", A.Present() with { UpToDate = false }, PolicyReasons.SecretTemplateChanged);

        static TestCaseData Case(string name, SecretFinding finding, string reason)
            => new TestCaseData(finding, reason).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Needs))]
    public void A_run_is_started_for(SecretFinding finding, string reason)
    {
        var decision = Decide(Observe() with { Secret = finding });
        Assert.That(decision, Is.TypeOf<PolicyDecision.Start>());
        Assert.That((((PolicyDecision.Start)decision).Trigger, ((PolicyDecision.Start)decision).Need.Reason), Is.EqualTo((RunTrigger.Scheduled, reason)));
    }

    [Test]
    public void Names_are_compared_without_regard_to_order_and_case()
    {
        var spec = A.Spec with { AdditionalNames = ["b.example.com"] };
        var finding = A.Present(A.Certificate() with { Names = ["B.example.com", "www.example.com"] });
        Assert.That(Decide(Observe(A.Policy(spec)) with { Secret = finding }), Is.TypeOf<PolicyDecision.Wait>());
    }

    [Test]
    public void A_good_certificate_waits_for_its_renewal_time_and_a_missed_one_is_renewed_at_once()
    {
        Assert.That(Decide(Observe() with { Secret = A.Present() }), Is.TypeOf<PolicyDecision.Wait>());
        Assert.That(Decide(Observe() with { Secret = A.Present() }, schedule: Due), Is.TypeOf<PolicyDecision.Start>());
    }

    [Test]
    public void A_certificate_that_is_not_the_one_the_last_run_stored_was_put_there_by_somebody()
    {
        var runs = new[] { A.Finished(RunPhase.Succeeded, A.Now.AddHours(-1)) };
        var decision = Decide(Observe() with { Runs = runs, Secret = A.Present(A.Certificate("f2")) });
        Assert.That((decision as PolicyDecision.Start)?.Need.Reason, Is.EqualTo(PolicyReasons.SecretOverwritten));
    }

    [Test]
    public void A_restoration_is_not_repeated_within_a_minute()
    {
        var restored = A.Finished(RunPhase.Succeeded, A.Now.AddSeconds(-10), restored: true);
        var status = PolicyAccounting.Account(new PolicyStatus(), restored, A.Policy(), new Uri(A.Server), A.Now);
        var decision = Decide(Observe() with { Secret = new SecretFinding.Absent() }, status);
        Assert.That(decision, Is.TypeOf<PolicyDecision.BackOff>());
        Assert.That(((PolicyDecision.BackOff)decision).Until, Is.EqualTo(A.Now.AddSeconds(50)));
    }

    [Test]
    public void While_a_run_is_in_progress_nothing_else_counts()
    {
        var observation = Observe(A.Policy(A.Spec with { Hostname = "" })) with { Runs = [A.Run()], Secret = new SecretFinding.Absent() };
        Assert.That(Decide(observation), Is.TypeOf<PolicyDecision.InProgress>());
    }

    [Test]
    public void A_spec_that_cannot_work_is_stalled_with_every_problem()
    {
        var decision = (PolicyDecision.Stalled)Decide(Observe(A.Policy(A.Spec with { Hostname = "*.example.com", RenewBefore = "-5h" })));
        Assert.That(decision.Message, Does.Contain("spec.hostname").And.Contain("spec.renewBefore"));
    }

    [Test]
    public void The_older_of_two_policies_with_one_Secret_wins()
    {
        var decision = (PolicyDecision.Stalled)Decide(Observe() with { OlderWriter = "other", Secret = new SecretFinding.Absent() });
        Assert.That((decision.Reason, decision.Message), Is.EqualTo((PolicyReasons.SecretConflict, "spec.secretName: Secret www-tls is already written by policy other. Choose another name here, or delete that policy.")));

        decision = (PolicyDecision.Stalled)Decide(Observe() with { KeyConflict = new PolicyProblem(PolicyReasons.KeyConflict, "The key is taken."), Secret = new SecretFinding.Absent() });
        Assert.That((decision.Reason, decision.Message), Is.EqualTo((PolicyReasons.KeyConflict, "The key is taken.")));
    }

    [Test]
    public void A_Secret_that_must_not_be_touched_stalls_the_policy()
        => Assert.That(Decide(Observe() with { Secret = new SecretFinding.Untouchable(PolicyReasons.SecretWrongType, "wrong type") }), Is.EqualTo(new PolicyDecision.Stalled(PolicyReasons.SecretWrongType, "wrong type")));

    [Test]
    public void A_missing_reference_stalls_only_when_a_run_is_needed()
    {
        var missing = new PolicyProblem(PolicyReasons.MissingSecret, "missing");
        Assert.That(Decide(Observe() with { Secret = A.Present(), MissingReference = missing }), Is.TypeOf<PolicyDecision.Wait>());
        Assert.That(Decide(Observe() with { Secret = new SecretFinding.Absent(), MissingReference = missing }), Is.TypeOf<PolicyDecision.Stalled>());
    }

    [Test]
    public void A_request_by_annotation_is_acted_on_once_per_value()
    {
        var policy = A.Policy(annotations: new() { [WellKnown.RenewRequestedAt] = "t1" });
        var start = (PolicyDecision.Start)Decide(Observe(policy) with { Secret = A.Present() });
        Assert.That((start.Trigger, start.Request), Is.EqualTo((RunTrigger.Manual, "t1")));
        Assert.That(Decide(Observe(policy) with { Secret = A.Present() }, new PolicyStatus { Handled = new HandledRequests { RenewRequestedAt = "t1" } }), Is.TypeOf<PolicyDecision.Wait>());
    }

    [Test]
    public void Suspend_holds_scheduled_runs_and_not_requested_ones()
    {
        var spec = A.Spec with { Suspend = true };
        Assert.That(Decide(Observe(A.Policy(spec)) with { Secret = new SecretFinding.Absent() }), Is.TypeOf<PolicyDecision.Suspended>());
        Assert.That(Decide(Observe(A.Policy(spec, annotations: new() { [WellKnown.RenewRequestedAt] = "t1" })) with { Secret = new SecretFinding.Absent() }), Is.TypeOf<PolicyDecision.Start>());
    }

    [Test]
    public void After_a_failure_the_policy_backs_off_until_the_time_or_a_change_of_the_spec()
    {
        var failed = A.Finished(RunPhase.Failed, A.Now.AddSeconds(-5));
        var status = PolicyAccounting.Account(new PolicyStatus(), failed, A.Policy(), new Uri(A.Server), A.Now);
        var observation = Observe() with { Runs = [failed], Secret = new SecretFinding.Absent() };
        Assert.That(Decide(observation, status), Is.TypeOf<PolicyDecision.BackOff>());

        var edited = A.Policy();
        edited.Metadata.Generation = 2;
        Assert.That(Decide(observation with { Policy = edited }, status), Is.TypeOf<PolicyDecision.Start>());
        Assert.That(PolicyDecider.Decide(observation, status, null, A.Now.AddMinutes(2)), Is.TypeOf<PolicyDecision.Start>());
    }

    [Test]
    public void An_edit_does_not_shorten_the_wait_that_the_CA_asked_for_unless_it_names_another_CA()
    {
        var failed = A.Finished(RunPhase.Failed, A.Now.AddSeconds(-5));
        failed.Status = failed.Status! with { RetryAt = A.Now.AddHours(3) };
        var status = PolicyAccounting.Account(new PolicyStatus(), failed, A.Policy(), new Uri(A.Server), A.Now);
        var edited = A.Policy(A.Spec with { AdditionalNames = ["b.example.com"] });
        edited.Metadata.Generation = 2;
        var observation = Observe(edited) with { Runs = [failed], Secret = new SecretFinding.Absent() };
        Assert.That((Decide(observation, status) as PolicyDecision.BackOff)?.Until, Is.EqualTo(A.Now.AddHours(3)));

        var moved = A.Policy(A.Spec with { ProviderConfig = new ProviderConfig { Acme = new AcmeConfig { Server = "https://other.example.com/directory" } } });
        moved.Metadata.Generation = 2;
        Assert.That(Decide(Observe(moved) with { Runs = [failed], Secret = new SecretFinding.Absent() }, status), Is.TypeOf<PolicyDecision.Start>());
    }

    [Test]
    public void What_the_API_server_does_not_let_the_operator_read_stalls_the_policy()
    {
        var refusal = new PolicyProblem(PolicyReasons.Forbidden, "forbidden");
        Assert.That(Decide(Observe() with { Refusal = refusal }), Is.EqualTo(new PolicyDecision.Stalled(PolicyReasons.Forbidden, "forbidden")));
    }

    [Test]
    public void What_needs_a_person_waits_for_one()
    {
        var status = PolicyAccounting.Account(new PolicyStatus(), A.Finished(RunPhase.NeedsManual, A.Now.AddDays(-3)), A.Policy(), new Uri(A.Server), A.Now);
        Assert.That((Decide(Observe() with { Secret = new SecretFinding.Absent() }, status) as PolicyDecision.Stalled)?.Reason, Is.EqualTo(PolicyReasons.NeedsManual));
    }

    [Test]
    public void A_certificate_that_was_stored_and_not_brought_into_use_is_renewed_all_the_same()
    {
        var ended = A.Finished(RunPhase.NeedsManual, A.Now.AddDays(-3));
        ended.Status = ended.Status! with { Certificate = A.Certificate("f2"), CurrentStep = StepName.Deploy };
        var status = PolicyAccounting.Account(new PolicyStatus(), ended, A.Policy(), new Uri(A.Server), A.Now);
        var observation = Observe() with { Runs = [ended], Secret = A.Present(A.Certificate("f2")) };
        Assert.That(Decide(observation, status), Is.TypeOf<PolicyDecision.Wait>(), "what it stored belongs there");
        Assert.That((Decide(observation, status, Due) as PolicyDecision.Start)?.Need.Reason, Is.EqualTo(PolicyReasons.Renewing));
    }

    [Test]
    public void Five_certificates_in_a_day_are_a_loop()
    {
        var times = Enumerable.Range(1, 5).Select(h => A.Now.AddHours(-h)).Order().ToList();
        var decision = Decide(Observe() with { Secret = A.Present(issuedFrom: null) }, new PolicyStatus { RecentIssuances = times });
        Assert.That((decision as PolicyDecision.BackOff)?.Until, Is.EqualTo(A.Now.AddHours(19)));
        Assert.That(Decide(Observe() with { Secret = A.Present(issuedFrom: null) }, new PolicyStatus { RecentIssuances = times[1..] }), Is.TypeOf<PolicyDecision.Start>());
    }

    [Test]
    public void A_loop_is_slowed_down_and_no_certificate_expires_for_that()
    {
        var times = Enumerable.Range(1, 5).Select(m => A.Now.AddMinutes(-60 * m)).Order().ToList();
        var shortLived = new PolicyStatus { RecentIssuances = times, NotBefore = A.Now.AddHours(-18), NotAfter = A.Now.AddHours(12) };
        Assert.That((Decide(Observe(), shortLived, Due) as PolicyDecision.BackOff)?.Until, Is.EqualTo(A.Now.AddHours(9)), "a tenth of thirty hours before the end");
        Assert.That(Decide(Observe(), shortLived with { NotAfter = A.Now.AddMinutes(20) }, Due), Is.TypeOf<PolicyDecision.Start>());
        Assert.That(Decide(Observe(), shortLived with { NotAfter = A.Now.AddMinutes(-1) }, Due), Is.TypeOf<PolicyDecision.Start>(), "expired");
    }

    [TestCase(6)]
    [TestCase(0.05)]
    public void Certificates_that_live_for_hours_are_renewed_as_often_as_they_need(double hours)
    {
        var life = TimeSpan.FromHours(hours);
        var times = Enumerable.Range(1, 6).Select(i => A.Now - (i * life * 2 / 3)).Order().ToList();
        var status = new PolicyStatus { RecentIssuances = times, NotBefore = times[^1], NotAfter = times[^1] + life };
        Assert.That(Decide(Observe(), status, Due), Is.TypeOf<PolicyDecision.Start>());
    }

    [Test]
    public void A_renewal_that_was_asked_for_is_tried_again_until_it_has_succeeded()
    {
        var failed = new PolicyStatus { RetryRequested = true, NotBefore = A.Now.AddDays(-1), NotAfter = A.Now.AddDays(89), NextAttemptTime = A.Now.AddMinutes(1), LastFinishedRun = new AccountedRun { Phase = RunPhase.Failed, Generation = 1, Message = "No." } };
        Assert.That(Decide(Observe(), failed), Is.TypeOf<PolicyDecision.BackOff>());
        Assert.That(Decide(Observe(), failed with { NextAttemptTime = A.Now.AddDays(7) }), Is.TypeOf<PolicyDecision.BackOff>());
        Assert.That(Decide(Observe(), failed with { NextAttemptTime = A.Now.AddYears(1) }), Is.TypeOf<PolicyDecision.Start>(), "a clock was wrong");
        Assert.That((Decide(Observe(), failed with { NextAttemptTime = A.Now }) as PolicyDecision.Start)?.Need.Reason, Is.EqualTo(PolicyReasons.Requested));
        Assert.That(Decide(Observe(), failed with { NextAttemptTime = null, RetryRequested = null }), Is.TypeOf<PolicyDecision.Wait>());
    }

    [Test]
    public void A_run_that_waits_goes_on_when_the_certificate_in_use_is_lost_or_wrong()
    {
        var waiting = A.Run(new RunStatus { Phase = RunPhase.Queued, RetryAt = A.Now.AddHours(1) });
        Assert.That(Hastened(new SecretFinding.Absent()), Is.EqualTo(PolicyReasons.DoesNotExist));
        Assert.That(Hastened(A.Present(A.Certificate() with { Names = ["old.example.com"] })), Is.EqualTo(PolicyReasons.RequestChanged));
        Assert.That(Hastened(A.Present()), Is.Null, "all is well");
        waiting.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RunHastened] = PolicyReasons.DoesNotExist };
        Assert.That(Hastened(new SecretFinding.Absent()), Is.Null, "it was told");
        waiting.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RunReason] = PolicyReasons.DoesNotExist };
        Assert.That(Hastened(new SecretFinding.Absent()), Is.Null, "the run was made for that, and waits all the same");

        string? Hastened(SecretFinding finding) => (Decide(Observe() with { Runs = [waiting], Secret = finding }) as PolicyDecision.InProgress)?.Hastened?.Reason;
    }

    [Test]
    public void A_dry_run_is_made_even_where_a_live_one_could_not_be()
    {
        var annotations = new Dictionary<string, string> { [WellKnown.RenewRequestedAt] = "1", [WellKnown.RenewMode] = "DryRun" };
        var observation = Observe(A.Policy(A.Spec with { Suspend = true }, annotations: annotations)) with
        {
            OlderWriter = "other",
            Secret = new SecretFinding.Untouchable(PolicyReasons.SecretForeign, "not ours"),
            MissingReference = new PolicyProblem(PolicyReasons.MissingSecret, "missing"),
        };
        Assert.That(Decide(observation), Has.Property("Mode").EqualTo(RunMode.DryRun).And.Property("Request").EqualTo("1"));

        annotations[WellKnown.RenewMode] = "Live";
        Assert.That(Decide(observation), Is.TypeOf<PolicyDecision.Stalled>());
    }

    [Test]
    public void With_dryRunDefault_each_need_has_one_dry_run_and_no_live_one()
    {
        var policy = A.Policy(A.Spec with { DryRunDefault = true });
        var observation = Observe(policy) with { Secret = new SecretFinding.Absent() };
        Assert.That(Decide(observation), Has.Property("Mode").EqualTo(RunMode.DryRun).And.Property("Trigger").EqualTo(RunTrigger.Scheduled));

        var made = new PolicyStatus { LastDryRun = new DryRunSummary { Name = "www-1", Phase = RunPhase.Succeeded, Generation = 1, Reason = PolicyReasons.DoesNotExist } };
        Assert.That(Decide(observation, made), Is.TypeOf<PolicyDecision.DryRunOnly>());
        Assert.That(Decide(observation with { Secret = A.Present() }, made, Due), Has.Property("Mode").EqualTo(RunMode.DryRun), "another need");
        policy.Metadata.Generation = 2;
        Assert.That(Decide(observation, made), Is.TypeOf<PolicyDecision.Start>(), "another spec");
    }

    [Test]
    public void With_dryRunDefault_a_dry_run_that_a_person_asked_for_counts_until_a_renewal_comes_due()
    {
        var observation = Observe(A.Policy(A.Spec with { DryRunDefault = true }));
        var asked = new PolicyStatus { LastDryRun = new DryRunSummary { Name = "www-1", Phase = RunPhase.Succeeded, FinishedAt = A.Now.AddHours(-1), Generation = 1, Reason = PolicyReasons.Requested } };
        Assert.That(Decide(observation with { Secret = new SecretFinding.Absent() }, asked), Is.TypeOf<PolicyDecision.DryRunOnly>());

        var due = asked with { NotAfter = A.Now.AddDays(20), RenewalTime = Due.RenewalTime };
        Assert.That(Decide(observation with { Secret = A.Present() }, due, Due), Has.Property("Mode").EqualTo(RunMode.DryRun), "it was made before");
        Assert.That(Decide(observation with { Secret = A.Present() }, due with { LastDryRun = asked.LastDryRun! with { FinishedAt = A.Now } }, Due), Is.TypeOf<PolicyDecision.DryRunOnly>());
    }

    [Test]
    public void With_dryRunDefault_a_Secret_that_may_not_be_written_has_its_dry_run_and_stays_stalled()
    {
        var policy = A.Policy(A.Spec with { DryRunDefault = true });
        var observation = Observe(policy) with { Secret = new SecretFinding.Untouchable(PolicyReasons.SecretWrongType, "of another type") };
        Assert.That(Decide(observation), Has.Property("Mode").EqualTo(RunMode.DryRun).And.Property("Trigger").EqualTo(RunTrigger.Scheduled));

        var made = new PolicyStatus { LastDryRun = new DryRunSummary { Name = "www-1", Phase = RunPhase.Failed, Generation = 1, Reason = PolicyReasons.SecretWrongType } };
        Assert.That(Decide(observation, made), Is.EqualTo(new PolicyDecision.Stalled(PolicyReasons.SecretWrongType, "of another type")));
        Assert.That(Decide(Observe(A.Policy(policy.Spec with { Suspend = true })) with { Secret = observation.Secret }), Is.TypeOf<PolicyDecision.Stalled>(), "suspended");
    }

    [Test]
    public void A_mode_that_there_is_not_is_named()
    {
        var annotations = new Dictionary<string, string> { [WellKnown.RenewRequestedAt] = "1", [WellKnown.RenewMode] = "dry" };
        var decision = Decide(Observe(A.Policy(annotations: annotations)) with { Secret = A.Present() });
        Assert.That((decision as PolicyDecision.Stalled)?.Message, Does.StartWith($"Annotation {WellKnown.RenewMode}: 'dry'"));
    }

    [Test]
    public void A_mode_that_there_is_not_does_not_stop_a_renewal_that_is_due()
    {
        var annotations = new Dictionary<string, string> { [WellKnown.RenewRequestedAt] = "1", [WellKnown.RenewMode] = "dry" };
        var decision = Decide(Observe(A.Policy(annotations: annotations)) with { Secret = A.Present() }, schedule: Due) as PolicyDecision.Start;
        Assert.That((decision?.Trigger, decision?.Need.Reason, decision?.Request), Is.EqualTo((RunTrigger.Scheduled, PolicyReasons.Renewing, (string?)null)));
    }

    private static PolicyDecision Decide(PolicyObservation observation, PolicyStatus? status = null, RenewalDecision? schedule = null)
        => PolicyDecider.Decide(observation, status ?? new PolicyStatus(), schedule ?? Later, A.Now);

    private static PolicyObservation Observe(CertificateRenewalPolicy? policy = null)
    {
        policy ??= A.Policy();
        return new PolicyObservation
        {
            Policy = policy,
            Resolution = PolicyResolver.Resolve(policy, null),
            Runs = [],
            OlderWriter = null,
            Secret = null,
            MissingReference = null,
        };
    }
}
