using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.DryRuns;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.DryRuns;

public sealed class ScheduleChecksTests
{
    private static readonly PolicyStatus Issued = new() { NotBefore = A.Now.AddDays(-30), NotAfter = A.Now.AddDays(60), RenewalTime = A.Now.AddDays(30), RenewalSource = "LastThird" };

    [Test]
    public void A_policy_that_nothing_holds_up_has_a_date_and_no_warning()
    {
        var rows = Make(A.Spec, Issued);
        Assert.That(rows.Select(r => (r.Check, r.Result)), Is.EqualTo(new[] { (CheckNames.RateLimit, CheckResult.Passed), (CheckNames.NextRenewal, CheckResult.Passed) }));
        Assert.That(rows[1].Evidence, Does.StartWith("The renewal time is 2026-12-22 12:00 UTC"));
    }

    [Test]
    public void The_guard_against_loops_is_told_with_its_end()
    {
        var row = Make(A.Spec, Issued with { RecentIssuances = [.. Enumerable.Range(1, PolicyDecider.IssuancesPerDay).Select(i => A.Now.AddHours(i - 6))] })[0];
        Assert.That(row.Result, Is.EqualTo(CheckResult.Warning));
        Assert.That(row.Evidence, Does.Contain("2026-11-23 07:00:00 UTC").And.Contain(PolicyReasons.IssuanceLimit).And.Contain(WellKnown.RenewRequestedAt));
    }

    [Test]
    public void A_policy_that_backs_off_says_until_when_and_for_which_failure()
    {
        var failed = Issued with
        {
            NextAttemptTime = A.Now.AddHours(1),
            LastFinishedRun = new AccountedRun { Name = "www-1", Phase = RunPhase.Failed, FinishedAt = A.Now.AddMinutes(-1), Generation = 1, Reason = "ServerUnreachable", Message = "No answer." },
        };
        Assert.That(Make(A.Spec, failed)[0], Has.Property("Result").EqualTo(CheckResult.Warning).And.Property("Evidence").Contains("2026-11-22 13:00:00 UTC (ServerUnreachable): No answer."));
    }

    [Test]
    public void A_rollback_that_holds_renewal_is_told_with_how_to_lift_it()
    {
        var row = Make(A.Spec, Issued with { Rollback = new RollbackStatus { RequestedAt = "1", Fingerprint = "f0", Since = A.Now.AddDays(-1) } })[1];
        Assert.That(row, Has.Property("Result").EqualTo(CheckResult.Warning).And.Property("Evidence").Contains("put back at 2026-11-21 12:00 UTC").And.Property("Evidence").Contains(WellKnown.RollbackRequestedAt));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_suspended_policy_is_told_with_a_certificate_and_without(bool issued)
    {
        var row = Make(A.Spec with { Suspend = true }, issued ? Issued : null)[1];
        Assert.That(row, Has.Property("Result").EqualTo(CheckResult.Warning).And.Property("Evidence").Contains("spec.suspend is true"));
    }

    private static IReadOnlyList<RunCheck> Make(PolicySpec spec, PolicyStatus? status)
    {
        var stores = new ResourceStores(new ObjectStore<CertificateRenewalPolicy>(), new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());
        var run = A.Run();
        using var work = new RunWork { RunUid = run.Metadata.Uid };
        return new ScheduleChecks(new IssuanceGate(stores)).Make(
            new RunContext { Run = run, Status = new RunStatus(), Policy = A.Policy(spec, status), Resolved = A.Resolved(spec), Work = work, Now = A.Now },
            A.Now);
    }
}
