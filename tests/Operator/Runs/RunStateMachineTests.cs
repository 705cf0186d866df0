using System.Text.Json;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Runs;

public sealed class RunStateMachineTests
{
    private static readonly string Hash = A.Resolved().RequestHash;

    [Test]
    public void A_run_without_its_policy_is_abandoned_even_when_it_is_over()
    {
        foreach (RunPhase? phase in new RunPhase?[] { null, RunPhase.Running, RunPhase.Succeeded })
        {
            var decision = Decide(Observe(new RunStatus { Phase = phase }) with { Policy = null });
            Assert.That(decision, Is.TypeOf<RunDecision.Abandon>(), $"{phase}");
        }
    }

    [Test]
    public void A_run_that_no_policy_has_taken_in_says_that_there_is_none_and_is_left_to_its_maker()
    {
        var observation = Observe(null) with { Policy = null };
        observation.Run.Metadata.OwnerReferences = null;
        Assert.That(Reason(Decide(observation)), Is.EqualTo(RunReasons.PolicyNotFound));

        var ended = RunStateMachine.Fail(null, RunReasons.PolicyNotFound, "None.", A.Now);
        Assert.That(ended.Phase, Is.EqualTo(RunPhase.Failed));
        observation.Run.Status = ended;
        Assert.That(Decide(observation), Is.TypeOf<RunDecision.Nothing>());
    }

    [Test]
    public void A_status_that_somebody_has_garbled_ends_the_run()
    {
        var running = Running(StepName.SolveChallenges);
        foreach (var steps in new[] { null, [], running.Steps!.Skip(3).ToList(), [.. running.Steps!, running.Steps![0]] })
        {
            Assert.That(Reason(Decide(Observe(running with { Steps = steps }))), Is.EqualTo(RunReasons.InvalidRun), $"{steps?.Count} steps");
        }
    }

    [Test]
    public void A_wait_is_not_shortened_by_the_way_it_is_stored()
    {
        var now = A.Now.AddTicks(1);
        StepResult[] results = [new StepResult.Transient("RateLimited", "Slow down.", TimeSpan.FromHours(1)), new StepResult.Transient("RateLimited", "Slow down.", TimeSpan.FromMinutes(1))];
        foreach (var result in results)
        {
            var status = RunStateMachine.Apply(Running(StepName.PlaceOrder), StepName.PlaceOrder, result, "seed", now, now);
            var stored = JsonSerializer.Deserialize(JsonSerializer.Serialize(status, CrdsJsonContext.Default.RunStatus), CrdsJsonContext.Default.RunStatus)!;
            Assert.That(stored.RetryAt, Is.GreaterThanOrEqualTo(now + ((StepResult.Transient)result).RetryAfter!.Value).And.EqualTo(status.RetryAt));
        }
    }

    [TestCase(RunPhase.Succeeded)]
    [TestCase(RunPhase.Failed)]
    [TestCase(RunPhase.NeedsManual)]
    public void A_finished_run_needs_nothing(RunPhase phase)
        => Assert.That(Decide(Observe(new RunStatus { Phase = phase })), Is.TypeOf<RunDecision.Nothing>());

    [Test]
    public void A_run_that_is_being_deleted_is_left_alone()
    {
        var observation = Observe(Running(StepName.PlaceOrder));
        observation.Run.Metadata.DeletionTimestamp = A.Now;
        Assert.That(Decide(observation), Is.TypeOf<RunDecision.Nothing>());
    }

    [Test]
    public void A_run_that_is_held_is_released_when_it_is_over_or_being_deleted()
    {
        var over = Observe(new RunStatus { Phase = RunPhase.Failed });
        var deleted = Observe(Running(StepName.SolveChallenges));
        deleted.Run.Metadata.DeletionTimestamp = A.Now;
        foreach (var observation in new[] { over, deleted })
        {
            observation.Run.Metadata.Finalizers = ["certoperator.io/presented"];
            Assert.That(Decide(observation), Is.TypeOf<RunDecision.Release>());
            Assert.That(Decide(observation with { Policy = null }), Is.TypeOf<RunDecision.Abandon>());
        }
    }

    [Test]
    public void What_is_in_place_for_a_lost_order_is_not_forgotten()
    {
        var answer = new RunChallenge { Url = "https://ca.example.com/c/1", Presented = new PresentedAnswer { Solver = "dns", Name = "_acme-challenge.www.example.com", Value = "v" } };
        var status = Running(StepName.Finalize) with { Order = new RunOrder { Url = "https://ca.example.com/order/1", Placed = 1, Challenges = [answer] } };
        var back = RunStateMachine.Apply(status, StepName.Finalize, new StepResult.GoBack(StepName.PlaceOrder, "OrderLost", "Gone."), "seed", A.Now, A.Now);
        Assert.That(back.Order!.Url, Is.Null);
        Assert.That(back.Order.Challenges, Is.EqualTo(new[] { answer }));
    }

    [Test]
    public void A_new_run_begins_when_it_is_admitted()
    {
        Assert.That(Decide(Observe(null)), Is.TypeOf<RunDecision.Begin>());
        Assert.That(Decide(Observe(null) with { Admitted = false }), Is.TypeOf<RunDecision.Queue>());
    }

    [Test]
    public void Only_one_run_of_a_policy_works_at_a_time()
        => Assert.That(Decide(Observe(null) with { OlderActiveRun = "www-0" }), Is.EqualTo(new RunDecision.Queue("Waits for run www-0 of the same policy.")));

    [TestCase(null, false)]
    [TestCase("2026-11-22T11:00:00Z", false)]
    [TestCase("2026-11-22T11:59:00Z", true)]
    public void A_run_that_waits_for_a_cooldown_gives_way_to_a_rollback(string? asked, bool gives)
    {
        var policy = A.Policy(
            status: new PolicyStatus { Handled = new HandledRequests { RollbackRequestedAt = "2026-11-22T11:00:00Z" } },
            annotations: asked is null ? [] : new Dictionary<string, string> { [WellKnown.RollbackRequestedAt] = asked });
        var wait = new IssuanceWait(A.Now.AddHours(1), A.Now.AddHours(1), PacingReasons.Cooldown, "A certificate was issued a moment ago.");

        var decision = Decide(Observe(new RunStatus { Phase = RunPhase.Queued, RetryAt = wait.Until }) with { Policy = policy, Pacing = wait, Admitted = false });

        Assert.That((decision.GetType(), Reason(decision)), Is.EqualTo(gives ? (typeof(RunDecision.Fail), RunReasons.PolicyChanged) : (typeof(RunDecision.Queue), (string?)null)));
    }

    [Test]
    public void A_running_run_goes_on_at_its_first_unfinished_step()
        => Assert.That(Decide(Observe(Running(StepName.Finalize))), Is.EqualTo(new RunDecision.Execute(StepName.Finalize)));

    [Test]
    public void A_wait_asked_for_by_the_CA_is_kept_and_so_is_the_next_poll()
    {
        Assert.That(Decide(Observe(Running(StepName.Finalize) with { RetryAt = A.Now.AddSeconds(30) })), Is.EqualTo(new RunDecision.Wait(TimeSpan.FromSeconds(30))));
        Assert.That(Decide(Observe(Running(StepName.Finalize)) with { NotBefore = A.Now.AddSeconds(2) }), Is.EqualTo(new RunDecision.Wait(TimeSpan.FromSeconds(2))));
        Assert.That(Decide(Observe(Running(StepName.Finalize) with { RetryAt = A.Now })), Is.TypeOf<RunDecision.Execute>(), "the time has come");
    }

    [Test]
    public void A_change_of_what_is_asked_ends_the_run_until_the_Secret_is_stored()
    {
        Assert.That(Reason(Decide(Observe(Running(StepName.StoreSecret) with { RequestHash = "other" }))), Is.EqualTo(RunReasons.PolicyChanged));
        Assert.That(Decide(Observe(Running(StepName.Verify) with { RequestHash = "other" })), Is.TypeOf<RunDecision.Execute>());
    }

    [Test]
    public void A_policy_that_became_invalid_ends_the_run()
        => Assert.That(Reason(Decide(Observe(Running(StepName.PlaceOrder)) with { PolicyProblem = "spec.hostname: wrong." })), Is.EqualTo(RunReasons.InvalidPolicy));

    [Test]
    public void A_run_that_does_not_end_within_a_day_is_ended()
        => Assert.That(Reason(Decide(Observe(Running(StepName.Finalize) with { StartedAt = A.Now.AddHours(-25) }))), Is.EqualTo(RunReasons.DeadlineExceeded));

    [Test]
    public void A_run_that_a_person_takes_up_again_gets_another_day()
    {
        var old = Running(StepName.Finalize) with { StartedAt = A.Now.AddDays(-9), Resumption = new RunResumption { At = A.Now.AddDays(-3) }, Resolution = new RunResolution { At = A.Now.AddHours(-1) } };
        Assert.That(RunStateMachine.EndsBy(old), Is.EqualTo(A.Now.AddHours(23)), "the latest counts");
        Assert.That(Decide(Observe(old)), Is.EqualTo(new RunDecision.Execute(StepName.Finalize)));
        Assert.That(RunStateMachine.EndsBy(new RunStatus()), Is.Null);
    }

    [Test]
    public void Begin_lays_out_every_step()
    {
        var status = RunStateMachine.Begin(null, RunMode.Live, 7, Hash, A.Now);
        Assert.That(status.Phase, Is.EqualTo(RunPhase.Running));
        Assert.That(status.PolicyGeneration, Is.EqualTo(7));
        Assert.That(status.Steps!.Select(s => s.Name), Is.EqualTo(Enum.GetValues<StepName>()));
        Assert.That(status.Steps!.Select(s => s.State), Has.All.EqualTo(StepState.Pending));
    }

    [Test]
    public void A_step_that_is_done_makes_the_next_one_current_and_the_last_one_ends_the_run()
    {
        var status = RunStateMachine.Begin(null, RunMode.Live, 1, Hash, A.Now);
        foreach (var step in Enum.GetValues<StepName>())
        {
            Assert.That(status.CurrentStep, Is.EqualTo(step));
            StepResult result = step == StepName.Deploy
                ? new StepResult.Skipped("nothing to do")
                : new StepResult.Done("done") { Certificate = step == StepName.Finalize ? A.Certificate() : null };
            status = Apply(status, step, result);
        }

        Assert.That(status.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(status.FinishedAt, Is.EqualTo(A.Now));
        Assert.That(status.Conditions!.Single(), Has.Property("Status").EqualTo("True"));
        Assert.That(status.Steps!.Select(s => s.Attempts), Has.All.EqualTo(1));
        Assert.That(status.Message, Does.Contain("2027-02-19"));
    }

    [Test]
    public void What_a_step_learnt_is_kept()
    {
        var order = new RunOrder { Url = "https://ca.example.com/order/1" };
        var status = Apply(Running(StepName.PlaceOrder), StepName.PlaceOrder, new StepResult.Done("placed") { Order = order });
        Assert.That(status.Order, Is.SameAs(order));
    }

    [Test]
    public void A_wait_is_no_try()
    {
        var status = Running(StepName.SolveChallenges);
        for (var poll = 0; poll < 20; poll++)
        {
            status = Apply(status, StepName.SolveChallenges, new StepResult.Pending(TimeSpan.FromSeconds(1), "The CA validates."));
        }

        Assert.That(Step(status, StepName.SolveChallenges), Has.Property("State").EqualTo(StepState.Running).And.Property("Attempts").EqualTo(1));
        Assert.That(status.Log, Is.Null.Or.Empty, "a poll is not worth a line");
    }

    [Test]
    public void Transient_errors_back_off_and_end_the_run_after_eight_tries()
    {
        var status = Running(StepName.PlaceOrder);
        var waits = new List<double>();
        for (var attempt = 1; attempt < RunStateMachine.MaxAttempts; attempt++)
        {
            status = Apply(status, StepName.PlaceOrder, new StepResult.Transient("ServerError", "No answer.", null));
            Assert.That(status.Phase, Is.EqualTo(RunPhase.Running), $"attempt {attempt}");
            waits.Add((status.RetryAt!.Value - A.Now).TotalSeconds);
        }

        Assert.That(waits, Is.Ordered);
        Assert.That(waits[0], Is.InRange(1, 1.2));
        Assert.That(waits[^1], Is.InRange(60, 72));

        status = Apply(status, StepName.PlaceOrder, new StepResult.Transient("ServerError", "No answer.", null));
        Assert.That(status.Phase, Is.EqualTo(RunPhase.Failed));
        Assert.That(status.Message, Is.EqualTo("PlaceOrder: No answer. (tried 8 times)"));
    }

    [Test]
    public void Retry_After_is_honoured_within_the_run_or_by_the_next_one()
    {
        var wait = Apply(Running(StepName.PlaceOrder), StepName.PlaceOrder, new StepResult.Transient("RateLimited", "Slow down.", TimeSpan.FromSeconds(90)));
        Assert.That((wait.Phase, wait.RetryAt), Is.EqualTo(((RunPhase?)RunPhase.Running, (DateTimeOffset?)A.Now.AddSeconds(90))));

        var later = Apply(Running(StepName.PlaceOrder), StepName.PlaceOrder, new StepResult.Transient("RateLimited", "Slow down.", TimeSpan.FromHours(3)));
        Assert.That((later.Phase, later.RetryAt), Is.EqualTo(((RunPhase?)RunPhase.Failed, (DateTimeOffset?)A.Now.AddHours(3))));
    }

    [Test]
    public void Nobody_is_left_alone_for_years_because_a_Retry_After_says_so()
    {
        var asked = TimeSpan.FromDays(3650);

        var transient = Apply(Running(StepName.SolveChallenges), StepName.SolveChallenges, new StepResult.Transient("DnsApiError", "Slow down.", asked));
        var failed = Apply(Running(StepName.SolveChallenges), StepName.SolveChallenges, new StepResult.Failed("DnsApiError", "Slow down.", asked));

        Assert.That((transient.Phase, failed.Phase), Is.EqualTo(((RunPhase?)RunPhase.Failed, (RunPhase?)RunPhase.Failed)));
        Assert.That((transient.RetryAt, failed.RetryAt), Is.EqualTo(((DateTimeOffset?)A.Now.AddDays(7), (DateTimeOffset?)A.Now.AddDays(7))));
    }

    [Test]
    public void A_lost_order_is_placed_again_but_not_for_ever()
    {
        var status = Running(StepName.SolveChallenges);
        for (var placed = 1; placed < RunStateMachine.MaxOrders; placed++)
        {
            status = status with { Order = new RunOrder { Url = "https://ca.example.com/order/1", Placed = placed } };
            status = Apply(status, StepName.SolveChallenges, new StepResult.GoBack(StepName.PlaceOrder, RunReasons.OrderLost, "Gone."));
            Assert.That(Decide(Observe(status)), Is.EqualTo(new RunDecision.Execute(StepName.PlaceOrder)));
            Assert.That(status.Order, Is.EqualTo(new RunOrder { Placed = placed }), "the count stays, the order does not");
            Assert.That(status.Log![^1].Message, Does.Contain("Going back to PlaceOrder"));
        }

        status = status with { Order = new RunOrder { Url = "https://ca.example.com/order/1", Placed = RunStateMachine.MaxOrders } };
        status = Apply(status, StepName.SolveChallenges, new StepResult.GoBack(StepName.PlaceOrder, RunReasons.OrderLost, "Gone."));
        Assert.That(status.Phase, Is.EqualTo(RunPhase.Failed));
    }

    [Test]
    public void A_step_that_needs_a_person_ends_the_run_so()
    {
        var status = Apply(Running(StepName.Preflight), StepName.Preflight, new StepResult.NeedsManual("TermsOfServiceChanged", "Visit the CA."));
        Assert.That(status.Phase, Is.EqualTo(RunPhase.NeedsManual));
        Assert.That(Step(status, StepName.Preflight).State, Is.EqualTo(StepState.Failed));
        Assert.That(status.CurrentStep, Is.EqualTo(StepName.Preflight), "it tells where it stopped");
    }

    [Test]
    public void The_log_is_bounded_in_lines_and_length()
    {
        var status = new RunStatus();
        for (var i = 0; i < 200; i++)
        {
            status = RunLog.Append(status, $"{i} {new string('x', 5000)}", A.Now);
        }

        Assert.That(status.Log, Has.Count.EqualTo(RunLog.MaxLines));
        Assert.That(status.Log![^1].Message, Does.StartWith("199 ").And.Length.EqualTo(RunLog.MaxLength));
    }

    [Test]
    public void What_cannot_be_brought_into_use_needs_a_person_since_no_later_run_would_make_up_for_it()
    {
        var status = Running(StepName.Deploy) with { Certificate = A.Certificate() };
        Assert.That(Apply(status, StepName.Deploy, new StepResult.Transient("WebhookUnreachable", "no", TimeSpan.FromHours(1))).Phase, Is.EqualTo(RunPhase.NeedsManual));
        Assert.That(Apply(Running(StepName.PlaceOrder), StepName.PlaceOrder, new StepResult.Transient("RateLimited", "no", TimeSpan.FromHours(1))).Phase, Is.EqualTo(RunPhase.Failed));
    }

    [Test]
    public void A_dry_run_goes_on_after_a_check_that_failed_and_ends_with_all_of_them()
    {
        var status = RunStateMachine.Begin(null, RunMode.DryRun, 1, Hash, A.Now);
        status = Apply(status, StepName.Preflight, new StepResult.Done("checked") { Report = [Row("Caa", CheckResult.Failed), Row("DnsAddress", CheckResult.Passed)] });
        Assert.That((status.Phase, status.CurrentStep, Step(status, StepName.Preflight).State), Is.EqualTo((RunPhase.Running, StepName.PrepareKey, StepState.Failed)));
        foreach (var step in Enum.GetValues<StepName>().Skip(1))
        {
            status = Apply(status, step, new StepResult.Done("checked") { Report = [Row(step.ToString(), CheckResult.Passed)] });
        }

        Assert.That((status.Phase, status.Reason), Is.EqualTo((RunPhase.Failed, RunReasons.ChecksFailed)));
        Assert.That(status.Message, Is.EqualTo("1 of 10 checks failed: Caa www.example.com: seen"));
        Assert.That(status.Conditions!.Single(), Has.Property("Status").EqualTo("False"));
        Assert.That(status.Report, Has.Count.EqualTo(10));
    }

    [Test]
    public void A_dry_run_without_a_fault_succeeds_and_repeats_the_warnings()
    {
        var status = RunStateMachine.Begin(null, RunMode.DryRun, 1, Hash, A.Now);
        foreach (var step in Enum.GetValues<StepName>())
        {
            status = Apply(status, step, new StepResult.Done("checked") { Report = [Row(step.ToString(), step == StepName.Verify ? CheckResult.Warning : CheckResult.Passed)] });
        }

        Assert.That(status.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(status.Message, Does.StartWith("9 checks were made and none failed").And.EndsWith("Verify www.example.com: seen"));
    }

    private static RunCheck Row(string check, CheckResult result) => new() { Check = check, Subject = "www.example.com", Result = result, Evidence = "seen" };

    private static RunDecision Decide(RunObservation observation) => RunStateMachine.Decide(observation, A.Now);

    private static string? Reason(RunDecision decision) => (decision as RunDecision.Fail)?.Reason;

    private static RunStatus Apply(RunStatus status, StepName step, StepResult result)
        => RunStateMachine.Apply(status, step, result, "seed", A.Now, A.Now);

    private static RunStep Step(RunStatus status, StepName name) => status.Steps!.Single(s => s.Name == name);

    private static RunObservation Observe(RunStatus? status) => new()
    {
        Run = A.Run(status),
        Policy = A.Policy(),
        Resolved = A.Resolved(),
        PolicyProblem = null,
        OlderActiveRun = null,
        Admitted = true,
        NotBefore = default,
    };

    private static RunStatus Running(StepName current) => new()
    {
        Phase = RunPhase.Running,
        StartedAt = A.Now.AddSeconds(-1),
        RequestHash = Hash,
        CurrentStep = current,
        Steps = [.. Enum.GetValues<StepName>().Select(n => new RunStep { Name = n, State = n < current ? StepState.Done : StepState.Pending })],
    };
}
