using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Probing;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Probing;

public sealed class ProbeDeciderTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan UsualWait = ProbeSchedule.Next(Hour, matches: true, A.PolicyUid);

    [Test]
    public void The_wait_is_jittered_the_same_each_time_and_never_longer_than_the_interval()
    {
        var waits = Enumerable.Range(0, 1000).Select(i => ProbeSchedule.Next(Hour, true, $"policy-{i}")).ToList();
        Assert.That(waits, Has.All.GreaterThanOrEqualTo(Hour * 0.8).And.All.LessThanOrEqualTo(Hour));
        Assert.That(waits.Distinct().Count(), Is.GreaterThan(990));
        Assert.That(ProbeSchedule.Next(Hour, true, "policy-7"), Is.EqualTo(waits[7]));
    }

    [Test]
    public void A_fleet_is_looked_at_again_after_a_start_without_a_storm()
    {
        var firsts = Enumerable.Range(0, 10_000).Select(i => ProbeSchedule.First(10_000, $"policy-{i}")).ToList();
        Assert.That(firsts.Max(), Is.LessThan(TimeSpan.FromSeconds(2000)));
        Assert.That(firsts.GroupBy(f => (int)f.TotalSeconds).Max(g => g.Count()), Is.LessThan(30));
        Assert.That(ProbeSchedule.First(1, A.PolicyUid), Is.LessThan(TimeSpan.FromSeconds(1)));
        Assert.That(ProbeSchedule.First(1_000_000, "x"), Is.LessThan(Hour));
    }

    [Test]
    public void A_request_counts_once_and_waits_for_nothing()
    {
        var observation = Observe(request: "1") with { NotBefore = A.Now + Hour, Runs = [Running(StepName.Verify)] };
        Assert.That(ProbeDecider.Decide(observation, A.Now), Is.EqualTo(new ProbeDecision.Ask("1")));

        var answered = observation with { Last = ProbeDecider.Conclude(observation, "1", [Served("f1")]) };
        Assert.That(ProbeDecider.Decide(answered, A.Now), Is.TypeOf<ProbeDecision.Wait>(), "answered, and not noted yet");
        Assert.That(ProbeDecider.Decide(Observe(request: "1", handled: "1", snapshot: [Served("f1")]), A.Now), Is.TypeOf<ProbeDecision.Wait>(), "noted by an earlier process");
        Assert.That(ProbeDecider.Decide(answered with { Last = answered.Last! with { PolicyUid = "another" } }, A.Now), Is.EqualTo(new ProbeDecision.Ask("1")), "that was a policy of the same name");
    }

    [Test]
    public void Before_there_is_a_certificate_nothing_is_asked_except_on_request()
    {
        var observation = Observe(fingerprint: null);
        Assert.That(ProbeDecider.Decide(observation, A.Now), Is.TypeOf<ProbeDecision.Nothing>());
        Assert.That(ProbeDecider.Decide(Observe(fingerprint: null, request: "1"), A.Now), Is.TypeOf<ProbeDecision.Ask>());
    }

    [Test]
    public void A_look_that_a_clock_far_ahead_has_dated_keeps_nobody_from_asking()
    {
        var stored = Observe(snapshot: [Served("f1", A.Now.AddDays(30))]);
        Assert.That(ProbeDecider.Decide(stored, A.Now), Is.EqualTo(new ProbeDecision.Ask(null)));

        var asked = stored with { Last = ProbeDecider.Conclude(stored, null, [Served("f1", A.Now)]) };
        Assert.That(WaitOf(asked, A.Now), Is.EqualTo(UsualWait), "the stored time stays, since nothing else was seen");
    }

    [Test]
    public void Whoever_asked_last_sets_the_time_of_the_next_look()
    {
        var byRun = Observe(snapshot: [Served("f1", A.Now)]);
        Assert.That(WaitOf(byRun, A.Now), Is.EqualTo(UsualWait));
        Assert.That(ProbeDecider.Decide(byRun, A.Now + UsualWait), Is.EqualTo(new ProbeDecision.Ask(null)));

        var since = byRun with { Last = ProbeDecider.Conclude(byRun, null, [Served("f1", A.Now.AddMinutes(50))]) };
        Assert.That(WaitOf(since, A.Now + UsualWait), Is.EqualTo(TimeSpan.FromMinutes(50)));
        Assert.That(since.Last!.Snapshot, Is.Null, "the status says so already");

        var renewed = since with { Policy = Observe(snapshot: [Served("f1", A.Now.AddMinutes(55))]).Policy };
        Assert.That(WaitOf(renewed, A.Now + UsualWait), Is.EqualTo(TimeSpan.FromMinutes(55)));
    }

    [Test]
    public void What_was_missed_is_made_up_for_after_a_start_when_its_turn_comes()
    {
        var overdue = Observe(snapshot: [Served("f1", A.Now.AddDays(-1))]) with { NotBefore = A.Now.AddMinutes(3) };
        Assert.That(WaitOf(overdue, A.Now), Is.EqualTo(TimeSpan.FromMinutes(3)));
        Assert.That(ProbeDecider.Decide(overdue, A.Now.AddMinutes(3)), Is.TypeOf<ProbeDecision.Ask>());
    }

    [Test]
    public void A_revoked_certificate_is_told_of_at_once_and_not_forgotten()
    {
        var good = Observe(snapshot: [Served("f1", A.Now)]);
        var revoked = Served("f1", A.Now + Hour) with { Ocsp = new OcspStaple { Status = OcspStatus.Revoked } };
        var outcome = ProbeDecider.Conclude(good, null, [revoked]);
        Assert.That((outcome.IsCertain, outcome.Snapshot![0].Ocsp), Is.EqualTo((true, revoked.Ocsp)));
        Assert.That(ProbeDecider.Conclude(Observe(snapshot: [revoked]), null, [Served("f1", A.Now + (2 * Hour))]).Snapshot, Is.Null, "a server that has no response at hand does not make it good");
    }

    [Test]
    public void The_first_sign_of_trouble_is_looked_at_again_before_it_is_told()
    {
        var well = Observe(snapshot: [Served("f1", A.Now)]);
        var doubt = ProbeDecider.Conclude(well, null, [Unreachable(A.Now.AddMinutes(50))]);
        Assert.That((doubt.IsCertain, doubt.Matches), Is.EqualTo((false, false)));

        var doubtful = well with { Last = doubt };
        Assert.That(WaitOf(doubtful, A.Now.AddMinutes(50)), Is.EqualTo(ProbeSchedule.Confirmation));
        Assert.That(ProbeDecider.Conclude(doubtful, null, [Unreachable(A.Now.AddMinutes(51))]).IsCertain, Is.True);
        Assert.That(ProbeDecider.Conclude(doubtful, null, [Served("f1", A.Now.AddMinutes(51))]).Matches, Is.True);
        Assert.That(ProbeDecider.Conclude(well, "1", [Unreachable(A.Now)]).IsCertain, Is.True, "a person wants to know what is the case now");
        Assert.That(ProbeDecider.Conclude(Observe(snapshot: [Served("old", A.Now)]), null, [Unreachable(A.Now)]).IsCertain, Is.True, "it is in trouble already");
    }

    [Test]
    public void One_that_serves_the_wrong_certificate_is_asked_more_often()
    {
        var wrong = Observe(snapshot: [Served("old", A.Now)]);
        Assert.That(WaitOf(wrong, A.Now), Is.LessThanOrEqualTo(ProbeSchedule.Recheck));
        Assert.That(WaitOf(wrong with { Interval = TimeSpan.FromMinutes(1) }, A.Now), Is.LessThanOrEqualTo(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public void Endpoints_that_are_new_or_are_reached_in_another_way_are_asked_at_once()
    {
        var other = Observe(snapshot: [Served("f1", A.Now)], spec: new VerifySpec { Endpoints = ["www.example.com", "www.example.com:8443"] });
        Assert.That(ProbeDecider.Decide(other, A.Now), Is.TypeOf<ProbeDecision.Ask>());

        var asked = Observe() with { Last = ProbeDecider.Conclude(Observe(), null, [Served("f1", A.Now)]) };
        Assert.That(ProbeDecider.Decide(asked, A.Now), Is.TypeOf<ProbeDecision.Wait>());
        asked.Policy.Metadata.Generation = 2;
        Assert.That(ProbeDecider.Decide(asked, A.Now), Is.TypeOf<ProbeDecision.Ask>());
    }

    [TestCase(StepName.Finalize, ExpectedResult = false)]
    [TestCase(StepName.StoreSecret, ExpectedResult = true)]
    [TestCase(StepName.Verify, ExpectedResult = true)]
    public bool A_run_that_brings_a_certificate_into_use_is_left_to_it(StepName step)
        => ProbeDecider.Decide(Observe() with { Runs = [Running(step)] }, A.Now) is ProbeDecision.Wait;

    [Test]
    public void What_a_run_has_stored_is_expected_before_the_run_is_over()
    {
        Assert.That((Observe() with { Runs = [Running(StepName.Finalize)] }).ExpectedFingerprint, Is.EqualTo("f1"));
        Assert.That((Observe() with { Runs = [Running(StepName.Verify)] }).ExpectedFingerprint, Is.EqualTo("f2"));
    }

    private static TimeSpan WaitOf(ProbeObservation observation, DateTimeOffset now) => ((ProbeDecision.Wait)ProbeDecider.Decide(observation, now)).Delay;

    private static ProbeObservation Observe(string? fingerprint = "f1", string? request = null, string? handled = null, IReadOnlyList<EndpointSnapshot>? snapshot = null, VerifySpec? spec = null)
    {
        var policy = A.Policy(
            A.Spec with { Verify = spec },
            new PolicyStatus { Fingerprint = fingerprint, Snapshot = snapshot, Handled = new HandledRequests { CheckRequestedAt = handled } },
            request is null ? null : new() { [WellKnown.CheckRequestedAt] = request });
        return new ProbeObservation
        {
            Policy = policy,
            Verification = PolicyResolver.Resolve(policy, null).Policy!.Verification,
            Runs = [],
            Last = null,
            Interval = Hour,
            NotBefore = A.Now.AddDays(-1),
        };
    }

    private static CertificateRenewalRun Running(StepName step) => A.Run(new RunStatus { Phase = RunPhase.Running, CurrentStep = step, Certificate = A.Certificate("f2") });

    private static EndpointSnapshot Served(string fingerprint, DateTimeOffset? at = null)
        => new() { Endpoint = "www.example.com:443", CheckedAt = at ?? A.Now, Reachable = true, Matches = fingerprint == "f1", Certificate = A.Certificate(fingerprint) };

    private static EndpointSnapshot Unreachable(DateTimeOffset at)
        => new() { Endpoint = "www.example.com:443", CheckedAt = at, Message = "No connection." };
}
