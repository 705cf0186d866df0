using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Runs;

public sealed class RunReopeningTests
{
    private static readonly RunRequest Resume = new RunRequest.Resume("1", "alice@example.com");
    private static readonly RunOrder Order = new() { Url = "https://ca.example.com/order/1", Placed = 1 };

    [TestCase(StepName.Preflight)]
    [TestCase(StepName.SolveChallenges)]
    [TestCase(StepName.Deploy)]
    public void A_resumed_run_goes_on_at_the_step_that_failed(StepName failed)
    {
        var status = RunReopening.Resume(Ended(failed), Resume, "h1", 3, A.Now);
        Assert.That(status.Phase, Is.EqualTo(RunPhase.Running));
        Assert.That(status.CurrentStep, Is.EqualTo(failed));
        Assert.That(status.Steps!.Where(s => s.Name < failed).Select(s => s.State), Is.All.EqualTo(StepState.Done));
        Assert.That(status.Steps!.Where(s => s.Name >= failed).Select(s => s.State), Is.All.EqualTo(StepState.Pending));
        Assert.That(status.Order, Is.EqualTo(Order with { Resumed = true }));
        Assert.That((status.FinishedAt, status.RetryAt, status.Conditions), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)null, (object?)null)));
        Assert.That(status.Resumption, Is.EqualTo(new RunResumption { At = A.Now, Count = 1, RequestedBy = "alice@example.com" }));
        Assert.That(status.Handled!.ResumeRequestedAt, Is.EqualTo("1"));
    }

    [Test]
    public void Where_the_policy_asks_for_something_else_by_now_it_starts_over()
    {
        var status = RunReopening.Resume(Ended(StepName.Finalize), Resume, "h2", 3, A.Now);
        Assert.That(status.CurrentStep, Is.EqualTo(StepName.Preflight));
        Assert.That(status.Order, Is.EqualTo(new RunOrder { Placed = 1 }));
        Assert.That(status.RequestHash, Is.EqualTo("h2"));
        Assert.That(status.Log![^1].Message, Does.Contain("asks for something else"));
    }

    [Test]
    public void A_certificate_that_is_stored_is_not_obtained_again_whatever_the_policy_asks_for_now()
        => Assert.That(RunReopening.Resume(Ended(StepName.Deploy), Resume, "h2", 3, A.Now).CurrentStep, Is.EqualTo(StepName.Deploy));

    [Test]
    public void A_run_that_ended_before_its_first_step_starts_there()
        => Assert.That(RunReopening.Resume(new RunStatus { Phase = RunPhase.Failed }, Resume, "h1", 1, A.Now).CurrentStep, Is.EqualTo(StepName.Preflight));

    [Test]
    public void Each_resumption_counts_and_gives_the_run_a_new_day()
    {
        var status = Ended(StepName.Finalize) with { StartedAt = A.Now.AddDays(-3), Resumption = new RunResumption { Count = 2 } };
        var resumed = RunReopening.Resume(status, Resume, "h1", 1, A.Now);
        Assert.That(resumed.Resumption!.Count, Is.EqualTo(3));
        Assert.That(resumed.StartedAt, Is.EqualTo(A.Now.AddDays(-3)), "the story begins where it began");
    }

    [Test]
    public void A_resolved_run_skips_what_was_left_of_obtaining_a_certificate()
    {
        var status = RunReopening.Resolve(Ended(StepName.SolveChallenges), new RunRequest.Resolve("uploaded", null), A.Certificate("f9"), "h1", 3, A.Now);
        Assert.That(status.Steps!.Where(s => s.Name < StepName.SolveChallenges).Select(s => s.State), Is.All.EqualTo(StepState.Done));
        Assert.That(status.Steps!.Where(s => s.Name is StepName.SolveChallenges or StepName.Finalize).Select(s => s.State), Is.All.EqualTo(StepState.Skipped));
        Assert.That(status.Steps!.Where(s => s.Name >= StepName.StoreSecret).Select(s => s.State), Is.All.EqualTo(StepState.Pending));
        Assert.That(status.Resolution!.Fingerprint, Is.EqualTo("f9"));
        Assert.That(status.Certificate!.Fingerprint, Is.EqualTo("f9"));
    }

    [Test]
    public void A_refusal_changes_nothing_but_the_log_and_what_was_handled()
    {
        var ended = Ended(StepName.Finalize);
        var status = RunReopening.Refuse(ended, Resume, "No.", A.Now);
        Assert.That(status.Phase, Is.EqualTo(RunPhase.Failed));
        Assert.That(status.Steps, Is.EqualTo(ended.Steps));
        Assert.That(status.Log![^1].Message, Is.EqualTo("Not resumed, asked for by alice@example.com with annotation certoperator.io/resume-requested-at=1: No."));
        Assert.That(status.Handled!.ResumeRequestedAt, Is.EqualTo("1"));
    }

    [TestCase(RunPhase.Failed, "1", null, ExpectedResult = true, TestName = "A_new_value_on_a_failed_run_asks")]
    [TestCase(RunPhase.NeedsManual, "1", "0", ExpectedResult = true, TestName = "Another_value_asks_again")]
    [TestCase(RunPhase.Failed, "1", "1", ExpectedResult = false, TestName = "A_value_counts_once")]
    [TestCase(RunPhase.Failed, "", null, ExpectedResult = false, TestName = "An_empty_value_asks_for_nothing")]
    [TestCase(RunPhase.Succeeded, "1", null, ExpectedResult = false, TestName = "A_run_that_succeeded_is_not_resumed")]
    [TestCase(RunPhase.Running, "1", null, ExpectedResult = false, TestName = "A_run_in_progress_is_not_resumed")]
    public bool Open_request(RunPhase phase, string value, string? handled)
    {
        var run = A.Run(new RunStatus { Phase = phase, Handled = handled is null ? null : new HandledRunRequests { ResumeRequestedAt = handled } });
        run.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.ResumeRequestedAt] = value };
        return RunRequest.Open(run, null) is RunRequest.Resume;
    }

    [TestCase("uploaded", ExpectedResult = null)]
    [TestCase("..", ExpectedResult = "Annotation certoperator.io/resolve-with-secret: \"..\" is no name for a Secret. Use at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends.")]
    [TestCase("My_Secret", ExpectedResult = "Annotation certoperator.io/resolve-with-secret: \"My_Secret\" is no name for a Secret. Use at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends.")]
    public string? A_name_that_no_Secret_can_have_is_refused_before_it_is_looked_for(string name) => new RunRequest.Resolve(name, null).Defect();

    [Test]
    public void A_whole_certificate_in_the_place_of_a_name_is_refused_in_a_few_words()
        => Assert.That(new RunRequest.Resolve(new string('x', 70_000), null).Defect(), Has.Length.LessThan(500));

    private static RunStatus Ended(StepName failed)
        => new()
        {
            Phase = RunPhase.Failed,
            RequestHash = "h1",
            CurrentStep = failed,
            Order = Order,
            StartedAt = A.Now.AddMinutes(-5),
            FinishedAt = A.Now.AddMinutes(-4),
            RetryAt = A.Now.AddMinutes(1),
            Conditions = RunConditions.Complete(false, "x", "y", A.Now),
            Steps = [.. Enum.GetValues<StepName>().Select(n => new RunStep { Name = n, State = n < failed ? StepState.Done : n == failed ? StepState.Failed : StepState.Pending, Attempts = n <= failed ? 1 : null })],
        };
}
