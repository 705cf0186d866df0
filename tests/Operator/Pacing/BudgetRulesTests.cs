using CertOperator.Operator.Pacing;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Pacing;

public sealed class BudgetRulesTests
{
    private static readonly IssuanceLimit ThreeADay = new(3, TimeSpan.FromDays(1));

    [Test]
    public void While_there_is_room_nobody_waits()
        => Assert.That(Check(Claim("a", 1), [Claim("b", 1, hoursAgo: 2)]), Is.Null);

    [Test]
    public void A_budget_that_is_used_up_says_when_the_next_place_is_free()
    {
        var wait = Check(Claim("a"), [Claim("b", 3, hoursAgo: 4)]);
        Assert.That(wait!.Reason, Is.EqualTo(PacingReasons.BudgetExhausted));
        Assert.That(wait.Until, Is.EqualTo(A.Now.AddHours(20)));
        Assert.That(wait.LookAgain, Is.EqualTo(wait.Until));
        Assert.That(wait.Message, Is.EqualTo("The budget of 3 certificates in 1 day is used up; the next one is free at 2026-11-23 08:00 UTC."));
    }

    [Test]
    public void What_has_left_the_window_does_not_count()
        => Assert.That(Check(Claim("a"), [Claim("b", 3, hoursAgo: 25)]), Is.Null);

    [Test]
    public void More_than_the_budget_allows_have_to_leave_before_one_fits_again()
    {
        var times = new[] { 10, 9, 8, 7, 6 }.Select(h => A.Now.AddHours(-h)).ToArray();
        var wait = Check(Claim("a"), [new BudgetClaim("b", "b", times, false, false)]);
        Assert.That(wait!.Until, Is.EqualTo(A.Now.AddHours(16)), "10, 9 and 8 hours ago must be gone: two remain");
    }

    [Test]
    public void What_is_under_way_takes_a_place_and_may_give_it_back_soon()
    {
        var wait = Check(Claim("a"), [Claim("b", 2, hoursAgo: 4), Claim("c") with { UnderWay = true }]);
        Assert.That(wait!.LookAgain, Is.EqualTo(A.Now.AddMinutes(1)));
        Assert.That(wait.Until, Is.EqualTo(A.Now.AddHours(20)));
    }

    [Test]
    public void A_budget_that_only_runs_under_way_hold_has_no_time_to_tell()
    {
        var wait = Check(Claim("a"), [.. Enumerable.Range(0, 3).Select(i => Claim("u" + i) with { UnderWay = true })]);
        Assert.That(wait!.Message, Does.EndWith("by runs that are under way."));
    }

    [Test]
    public void Ones_own_run_under_way_is_not_in_ones_way()
    {
        var asking = Claim("a") with { UnderWay = true };
        Assert.That(Check(asking, [Claim("b", 2, hoursAgo: 1)]), Is.Null);
    }

    [Test]
    public void Where_there_is_not_enough_for_all_the_namespace_that_had_fewer_goes_first()
    {
        BudgetClaim[] others = [Claim("rich", 1, hoursAgo: 1), Waiting("rich"), Waiting("poor"), Waiting("poor")];
        Assert.That(Check(Waiting("rich"), others)!.Reason, Is.EqualTo(PacingReasons.FairShare));
        Assert.That(Check(Waiting("poor"), others), Is.Null);
    }

    [Test]
    public void Where_there_is_enough_for_all_that_wait_nobody_lets_another_go_first()
        => Assert.That(Check(Waiting("rich"), [Claim("rich", 1, hoursAgo: 1), Waiting("poor")]), Is.Null);

    [Test]
    public void A_namespace_in_which_nothing_waits_needs_no_share()
        => Assert.That(Check(Waiting("rich"), [Claim("rich", 2, hoursAgo: 1), Waiting("rich"), Claim("poor")]), Is.Null);

    private static IssuanceWait? Check(BudgetClaim asking, BudgetClaim[] others) => BudgetRules.Check(ThreeADay, "certificates", [asking, .. others], asking, A.Now);

    private static int _next;

    private static BudgetClaim Claim(string ns, int count = 0, int hoursAgo = 1)
        => new($"uid-{_next++}", ns, [.. Enumerable.Repeat(A.Now.AddHours(-hoursAgo), count)], false, false);

    private static BudgetClaim Waiting(string ns) => Claim(ns) with { Wants = true };
}
