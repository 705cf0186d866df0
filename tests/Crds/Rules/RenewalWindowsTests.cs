using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

public sealed class RenewalWindowsTests
{
    private static readonly DateTimeOffset Start = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Ninety days, due after sixty, on Monday 30 November at noon.</summary>
    private static readonly RenewalInputs Inputs = new() { NotBefore = Start, NotAfter = Start.AddDays(90), JitterSeed = "uid" };

    private static readonly RenewalDecision Planned = new(Start.AddDays(60).AddHours(12), RenewalSource.LastThird, null);

    [Test]
    public void Without_windows_nothing_changes()
        => Assert.That(RenewalWindows.Apply(Planned, [], Inputs, Start), Is.SameAs(Planned));

    [Test]
    public void A_renewal_waits_for_the_next_window_and_starts_in_its_first_half()
    {
        var saturday = Planned.RenewalTime.Date.AddDays(5);
        var decision = Apply(Start, Window("0 2 * * sat", hours: 4));
        Assert.That(decision.Window, Is.EqualTo(WindowUse.Within));
        Assert.That(decision.RenewalTime, Is.InRange(Utc(saturday.AddHours(2)), Utc(saturday.AddHours(3))));
        Assert.That(decision.RenewalTime.Ticks % TimeSpan.TicksPerSecond, Is.Zero);
        Assert.That(Enumerable.Range(0, 100).Select(i => Apply(Start, Inputs with { JitterSeed = $"uid-{i}" }, Window("0 2 * * sat", hours: 4)).RenewalTime).Distinct().Count(), Is.GreaterThan(90));
    }

    [Test]
    public void One_that_is_due_in_an_open_window_does_not_wait()
    {
        var decision = Apply(Planned.RenewalTime, Window("0 8 * * *", hours: 12));
        Assert.That(decision, Is.EqualTo(Planned with { Window = WindowUse.Within }));
    }

    [Test]
    public void The_time_stays_while_the_window_is_open_and_moves_to_the_next_when_it_closes()
    {
        var window = Window("0 2 * * sat", hours: 4);
        var time = Apply(Start, window).RenewalTime;
        var opened = Utc(time.Date.AddHours(2));
        Assert.That(new[] { 0, 1, 60, 239 }.Select(m => Apply(opened.AddMinutes(m), window).RenewalTime), Is.All.EqualTo(time));
        Assert.That(Apply(opened.AddHours(4), window).RenewalTime, Is.EqualTo(time.AddDays(7)));
        Assert.That(Apply(opened.AddHours(4), window).IsDue(opened.AddHours(4)), Is.False);
    }

    [Test]
    public void How_late_a_renewal_is_counts_from_the_first_window_however_many_were_missed()
    {
        var window = Window("0 2 * * *", hours: 2);
        var first = Apply(Start, window);
        Assert.That(first.FirstDue, Is.Null);
        for (var time = first.RenewalTime.AddHours(4); time < Inputs.NotAfter; time = time.AddHours(7))
        {
            var later = Apply(time, window);
            Assert.That((later.FirstDue, later.RenewalTime > first.RenewalTime || later.Window == WindowUse.TooLate), Is.EqualTo(((DateTimeOffset?)first.RenewalTime, true)), $"{time:u}");
        }
    }

    [Test]
    public void Of_several_windows_the_first_counts()
    {
        var decision = Apply(Start, Window("0 2 * * sat", hours: 4), Window("0 2 * * wed", hours: 2));
        Assert.That(decision.RenewalTime.DayOfWeek, Is.EqualTo(DayOfWeek.Wednesday));
    }

    [Test]
    public void A_window_that_opens_too_late_for_the_certificate_is_not_waited_for()
    {
        var decision = Apply(Start, Window("0 2 1 1 *", hours: 4));
        Assert.That((decision.RenewalTime, decision.Window, decision.Problem), Is.EqualTo((Planned.RenewalTime, WindowUse.TooLate, (string?)null)));

        // The last window that leaves three days is on 26 December; one that was missed then is not waited for again.
        var weekly = Window("0 2 * * sat", hours: 4);
        Assert.That(Apply(Utc(new DateTime(2026, 12, 22)), weekly).RenewalTime.Date, Is.EqualTo(new DateTime(2026, 12, 26)));
        Assert.That(Apply(Utc(new DateTime(2026, 12, 26, 7, 0, 0)), weekly).IsDue(Utc(new DateTime(2026, 12, 26, 7, 0, 0))), Is.True);
    }

    [Test]
    public void A_window_that_never_opens_is_reported_and_lets_no_certificate_expire()
    {
        var alone = Apply(Start, Window("0 0 30 2 *", hours: 4));
        Assert.That((alone.RenewalTime, alone.Window), Is.EqualTo((Planned.RenewalTime, WindowUse.None)));
        Assert.That(alone.Problem, Does.StartWith("spec.windows[0].schedule names no time"));

        var beside = Apply(Start, Window("0 2 * * sat", hours: 4), Window("0 0 30 2 *", hours: 4));
        Assert.That((beside.RenewalTime.DayOfWeek, beside.Window), Is.EqualTo((DayOfWeek.Saturday, WindowUse.Within)));
        Assert.That(beside.Problem, Does.StartWith("spec.windows[1].schedule"));
    }

    [Test]
    public void Whatever_the_windows_are_a_certificate_is_due_before_its_last_tenth_or_last_three_days()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            string Field(int least, int most) => random.Next(3) == 0 ? "*" : $"{random.Next(least, most + 1)}";
            var windows = Enumerable.Range(0, random.Next(1, 4))
                .Select(_ => Window($"{Field(0, 59)} {Field(0, 23)} {Field(1, 31)} {Field(1, 12)} {Field(0, 7)}", hours: random.Next(1, 72)))
                .ToArray();
            var days = random.Next(2, 400);
            var inputs = new RenewalInputs { NotBefore = Start, NotAfter = Start.AddDays(days), JitterSeed = $"uid-{i}" };
            var latest = inputs.NotAfter - TimeSpan.FromDays(Math.Min(days / 10.0, 3));
            var decision = Apply(latest, inputs, windows);
            Assert.That(decision.IsDue(latest), Is.True, $"{days} days");
        }
    }

    private static RenewalDecision Apply(DateTimeOffset now, params RenewalWindow[] windows) => RenewalWindows.Apply(Planned, windows, Inputs, now);

    private static RenewalDecision Apply(DateTimeOffset now, RenewalInputs inputs, params RenewalWindow[] windows)
        => RenewalWindows.Apply(RenewalSchedule.Compute(inputs), windows, inputs, now);

    private static RenewalWindow Window(string schedule, int hours)
    {
        Assert.That(CronSchedule.TryParse(schedule, out var parsed, out var error), Is.True, error);
        return new RenewalWindow(parsed!, TimeSpan.FromHours(hours), TimeZoneInfo.Utc);
    }

    private static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
