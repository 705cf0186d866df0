using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

internal sealed class RenewalScheduleTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static RenewalInputs Certificate(double days, string seed = "uid-1") => new() { NotBefore = Start, NotAfter = Start.AddDays(days), JitterSeed = seed };

    [TestCase(6)]
    [TestCase(45)]
    [TestCase(47)]
    [TestCase(90)]
    [TestCase(398)]
    [TestCase(3650)]
    public void By_default_a_third_of_the_lifetime_is_left(double days)
    {
        var decision = RenewalSchedule.Compute(Certificate(days));
        var planned = Start.AddDays(days * 2 / 3);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.LastThird));
            Assert.That(decision.Problem, Is.Null);
            Assert.That(decision.RenewalTime, Is.LessThanOrEqualTo(planned));
            Assert.That(planned - decision.RenewalTime, Is.LessThanOrEqualTo(TimeSpan.FromDays(Math.Min(days / 100, 1)) + TimeSpan.FromSeconds(1)));
        }
    }

    [Test]
    public void A_certificate_of_a_minute_is_renewed_within_that_minute()
    {
        var decision = RenewalSchedule.Compute(Certificate(1.0 / 1440));
        Assert.That(decision.RenewalTime, Is.InRange(Start.AddSeconds(38), Start.AddSeconds(40)));
    }

    [TestCase(25, 60, 45.0)]
    [TestCase(33, 90, 60.3)]
    [TestCase(1, 90, 89.1)]
    [TestCase(99, 90, 0.9)]
    public void A_percentage_is_the_share_that_is_left(int percentage, double days, double plannedDay)
    {
        var decision = RenewalSchedule.Compute(Certificate(days) with { RenewBeforePercentage = percentage });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.Percentage));
            Assert.That(decision.Problem, Is.Null);
            Assert.That(decision.RenewalTime, Is.InRange(Start.AddDays(plannedDay * 0.9 - 0.001).AddDays(-1), Start.AddDays(plannedDay)));
            Assert.That(decision.RenewalTime, Is.GreaterThan(Start.AddDays(plannedDay * 0.89)));
        }
    }

    [Test]
    public void Renew_before_counts_from_the_end()
    {
        var decision = RenewalSchedule.Compute(Certificate(90) with { RenewBefore = TimeSpan.FromDays(15) });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.RenewBefore));
            Assert.That(decision.RenewalTime, Is.InRange(Start.AddDays(74.1), Start.AddDays(75)));
        }
    }

    [TestCase(90, "2160h", "2138h24m")]
    [TestCase(400, "2160h", "2138h24m")]
    [TestCase(89.5, "2160h", "2138h24m")]
    [TestCase(0, "2160h", "2138h24m")]
    [TestCase(-3, "2160h", "2138h24m")]
    public void A_renew_before_that_does_not_fit_is_reported_and_replaced_by_the_last_third(double renewBeforeDays, string lifetime, string most)
    {
        var decision = RenewalSchedule.Compute(Certificate(90) with { RenewBefore = TimeSpan.FromDays(renewBeforeDays) });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.LastThird));
            Assert.That(decision.Problem, Does.Contain("spec.renewBefore").And.Contain(lifetime).And.Contain(most));
            Assert.That(decision.RenewalTime, Is.InRange(Start.AddDays(59), Start.AddDays(60)));
        }
    }

    [Test]
    public void A_renew_before_that_does_not_fit_is_repeated_as_it_was_written() =>
        Assert.That(
            RenewalSchedule.Compute(Certificate(90) with { RenewBefore = TimeSpan.FromDays(400), RenewBeforeText = "400d" }).Problem,
            Does.StartWith("spec.renewBefore 400d does not fit"));

    [TestCase(0)]
    [TestCase(100)]
    [TestCase(-1)]
    [TestCase(int.MaxValue)]
    public void A_percentage_out_of_range_is_reported_and_replaced(int percentage)
    {
        var decision = RenewalSchedule.Compute(Certificate(90) with { RenewBeforePercentage = percentage });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.LastThird));
            Assert.That(decision.Problem, Does.Contain("spec.renewBeforePercentage").And.Contain("between 1 and 99"));
        }
    }

    [Test]
    public void Both_settings_at_once_are_reported() =>
        Assert.That(
            RenewalSchedule.Compute(Certificate(90) with { RenewBefore = TimeSpan.FromDays(10), RenewBeforePercentage = 20 }).Problem,
            Does.Contain("remove one"));

    [Test]
    public void The_same_certificate_gives_the_same_time_always() =>
        Assert.That(RenewalSchedule.Compute(Certificate(90)), Is.EqualTo(RenewalSchedule.Compute(Certificate(90))));

    [TestCase(6, 60)]
    [TestCase(90, 600)]
    public void Certificates_issued_together_are_not_renewed_together(double days, int atLeastSeconds)
    {
        var times = Enumerable.Range(0, 1000).Select(i => RenewalSchedule.Compute(Certificate(days, $"uid-{i}")).RenewalTime).ToList();
        var busiest = times.GroupBy(t => t.ToUnixTimeSeconds() / atLeastSeconds).Max(g => g.Count());
        Assert.That(busiest, Is.LessThan(50));
    }

    [Test]
    public void The_CAs_window_wins_where_it_is_earlier()
    {
        var window = new AriWindow(Start.AddDays(20), Start.AddDays(22));
        var decision = RenewalSchedule.Compute(Certificate(90) with { AriWindow = window });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.Ari));
            Assert.That(decision.Problem, Is.Null);
            Assert.That(decision.RenewalTime, Is.InRange(window.Start, window.End));
        }
    }

    [Test]
    public void The_CAs_window_does_not_delay_a_renewal()
    {
        var decision = RenewalSchedule.Compute(Certificate(90) with { AriWindow = new AriWindow(Start.AddDays(70), Start.AddDays(72)) });
        Assert.That(decision.Source, Is.EqualTo(RenewalSource.LastThird));
    }

    [Test]
    public void A_window_in_the_past_makes_the_renewal_due_and_the_time_stays_put()
    {
        var inputs = Certificate(90) with { AriWindow = new AriWindow(Start.AddDays(2), Start.AddDays(3)) };
        var now = Start.AddDays(10);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RenewalSchedule.Compute(inputs).IsDue(now), Is.True);
            Assert.That(RenewalSchedule.Compute(inputs).IsDue(Start.AddDays(1)), Is.False);
        }
    }

    [Test]
    public void A_window_of_one_instant_is_used()
    {
        var instant = Start.AddDays(5);
        Assert.That(RenewalSchedule.Compute(Certificate(90) with { AriWindow = new AriWindow(instant, instant) }).RenewalTime, Is.EqualTo(instant));
    }

    [TestCase(20, 10, "ends before it starts")]
    [TestCase(-10, 81, "longer than the certificate's lifetime")]
    [TestCase(-2, 3, "before the certificate was valid")]
    [TestCase(90, 91, "starts after the certificate ends")]
    public void An_absurd_window_is_reported_and_ignored(double fromDay, double toDay, string part)
    {
        var decision = RenewalSchedule.Compute(Certificate(90) with { AriWindow = new AriWindow(Start.AddDays(fromDay), Start.AddDays(toDay)), RenewedOnAdvice = true });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.LastThird));
            Assert.That(decision.IgnoredAdvice, Does.Contain(part));
            Assert.That(decision.Problem, Is.Null, "nobody but the CA can mend it");
        }
    }

    [Test]
    public void A_window_before_the_certificate_was_valid_is_followed_when_no_such_window_has_led_to_the_certificate()
    {
        var decision = RenewalSchedule.Compute(Certificate(90) with { AriWindow = new AriWindow(Start.AddDays(-2), Start.AddDays(-1)) });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Source, Is.EqualTo(RenewalSource.Ari));
            Assert.That(decision.IgnoredAdvice, Is.Null);
            Assert.That(decision.IsDue(Start), Is.True);
        }
    }

    [Test]
    public void The_longest_certificate_there_can_be_overflows_nothing()
    {
        var inputs = new RenewalInputs { NotBefore = DateTimeOffset.MinValue, NotAfter = DateTimeOffset.MaxValue, JitterSeed = "x", RenewBeforePercentage = 99 };
        var decision = RenewalSchedule.Compute(inputs with { AriWindow = new AriWindow(DateTimeOffset.MinValue, DateTimeOffset.MaxValue) });
        Assert.That(decision.RenewalTime, Is.InRange(inputs.NotBefore, inputs.NotAfter));
    }

    [Test]
    public void A_certificate_that_ends_before_it_begins_is_due_and_reported()
    {
        var decision = RenewalSchedule.Compute(Certificate(-1));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(decision.Problem, Does.Contain("ends before it begins"));
            Assert.That(decision.IsDue(Start), Is.True);
        }
    }

    [Test]
    public void Whatever_goes_in_the_time_lies_within_the_validity()
    {
        var random = new Random(17);
        for (var i = 0; i < 20_000; i++)
        {
            var inputs = new RenewalInputs
            {
                NotBefore = Start,
                NotAfter = Start + TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerSecond, TimeSpan.FromDays(40_000).Ticks)),
                JitterSeed = i.ToString(System.Globalization.CultureInfo.InvariantCulture),
                RenewBefore = random.Next(2) == 0 ? null : TimeSpan.FromTicks(random.NextInt64(long.MinValue, long.MaxValue)),
                RenewBeforePercentage = random.Next(2) == 0 ? null : random.Next(-10, 120),
                AriWindow = random.Next(2) == 0 ? null : new AriWindow(Start.AddDays(random.Next(-50_000, 50_000)), Start.AddDays(random.Next(-50_000, 50_000))),
            };
            Assert.That(RenewalSchedule.Compute(inputs).RenewalTime, Is.InRange(inputs.NotBefore, inputs.NotAfter));
        }
    }
}
