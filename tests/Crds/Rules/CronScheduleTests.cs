using System.Globalization;
using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

public sealed class CronScheduleTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [TestCase("0 2 * * *", "2026-11-22T01:00Z", "2026-11-22T02:00Z")]
    [TestCase("0 2 * * *", "2026-11-22T02:00Z", "2026-11-23T02:00Z")]
    [TestCase("0 2 * * *", "2026-11-22T01:59:59Z", "2026-11-22T02:00Z")]
    [TestCase("*/15 9-17 * * mon-fri", "2026-11-20T17:50Z", "2026-11-23T09:00Z")]
    [TestCase("30 1,13 1 jan,JUL *", "2026-11-22T00:00Z", "2027-01-01T01:30Z")]
    [TestCase("0 0 * * 7", "2026-11-22T00:00Z", "2026-11-29T00:00Z")]
    [TestCase("0 0 * * 0", "2026-11-22T00:00Z", "2026-11-29T00:00Z")]
    [TestCase("0 0 * * 5-7", "2026-11-22T00:00Z", "2026-11-27T00:00Z")]
    [TestCase("5/20 * * * *", "2026-11-22T00:06Z", "2026-11-22T00:25Z")]
    [TestCase("0 0 13 * fri", "2026-11-22T00:00Z", "2026-11-27T00:00Z", TestName = "either kind of day will do")]
    [TestCase("0 0 31 * *", "2026-11-22T00:00Z", "2026-12-31T00:00Z")]
    [TestCase("0 0 29 2 *", "2026-11-22T00:00Z", "2028-02-29T00:00Z")]
    [TestCase("0 0 29 2 *", "2096-03-01T00:00Z", "2104-02-29T00:00Z")]
    [TestCase("59 23 31 12 *", "2026-12-31T23:59Z", "2027-12-31T23:59Z")]
    public void The_next_time_in_UTC(string text, string after, string expected)
        => Assert.That(Parse(text).NextAfter(At(after), TimeZoneInfo.Utc), Is.EqualTo(At(expected)));

    [TestCase("0 0 30 2 *")]
    [TestCase("0 0 31 4,6,9,11 *")]
    public void A_day_that_no_calendar_has_never_comes(string text)
        => Assert.That(Parse(text).NextAfter(At("2026-11-22T00:00Z"), Berlin), Is.Null);

    // Berlin skips 02:00 to 03:00 on 28 March 2027 and has 02:00 to 03:00 twice on 31 October 2027.
    [TestCase("30 2 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", TestName = "a time that is skipped is when it was skipped")]
    [TestCase("30 2 * * *", "2027-03-28T01:00Z", "2027-03-29T00:30Z", TestName = "and only once")]
    [TestCase("30 3 * * *", "2027-03-27T12:00Z", "2027-03-28T01:30Z", TestName = "the hour after the one that is skipped")]
    [TestCase("0 2 * * *", "2027-03-27T12:00Z", "2027-03-28T01:00Z", TestName = "the first minute that is skipped")]
    [TestCase("30 2 * * *", "2027-10-30T12:00Z", "2027-10-31T00:30Z", TestName = "of two times the first")]
    [TestCase("30 2 * * *", "2027-10-31T00:30Z", "2027-11-01T01:30Z", TestName = "and not the second")]
    [TestCase("30 * * * *", "2027-10-31T00:30Z", "2027-10-31T01:30Z", TestName = "every hour means the second too")]
    [TestCase("*/10 2 * * *", "2027-10-31T00:50Z", "2027-10-31T01:00Z", TestName = "so does every tenth minute")]
    [TestCase("*/10 * * * *", "2027-10-31T00:45Z", "2027-10-31T00:50Z", TestName = "in the order in which time goes by")]
    [TestCase("*/10 * * * *", "2027-03-28T00:55Z", "2027-03-28T01:00Z", TestName = "without an hour that is not there")]
    [TestCase("0 12 * * *", "2027-07-01T00:00Z", "2027-07-01T10:00Z", TestName = "by the clocks of summer")]
    [TestCase("0 12 * * *", "2027-01-01T00:00Z", "2027-01-01T11:00Z", TestName = "by the clocks of winter")]
    public void The_next_time_where_clocks_are_changed(string text, string after, string expected)
        => Assert.That(Parse(text).NextAfter(At(after), Berlin), Is.EqualTo(At(expected)));

    [Test]
    public void Half_an_hour_is_skipped_on_Lord_Howe_Island()
        => Assert.That(
            Parse("10 2 * * *").NextAfter(At("2027-10-02T12:00Z"), TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe")),
            Is.EqualTo(At("2027-10-02T15:30Z")));

    [TestCase("60 * * * *", "minute (0 to 59)")]
    [TestCase("* 24 * * *", "hour (0 to 23)")]
    [TestCase("* * 0 * *", "day of the month (1 to 31)")]
    [TestCase("* * 32 * *", "day of the month (1 to 31)")]
    [TestCase("* * * 13 *", "month (1 to 12")]
    [TestCase("* * * mon *", "month (1 to 12")]
    [TestCase("* * * * 8", "day of the week (0 to 7")]
    [TestCase("* * * * jan", "day of the week (0 to 7")]
    [TestCase("-1 * * * *", "minute")]
    [TestCase("5-1 * * * *", "minute")]
    [TestCase("*/0 * * * *", "minute")]
    [TestCase("*/60 * * * *", "minute")]
    [TestCase("1,,2 * * * *", "minute")]
    [TestCase("1, * * * *", "minute")]
    [TestCase("/5 * * * *", "minute")]
    [TestCase("1-2-3 * * * *", "minute")]
    [TestCase("1/2/3 * * * *", "minute")]
    [TestCase("+1 * * * *", "minute")]
    [TestCase("001 * * * *", "minute")]
    [TestCase("٣ * * * *", "minute")]
    [TestCase("", "is empty")]
    [TestCase("@daily", "has 1 fields where cron has five")]
    [TestCase("* * * * * *", "has 6 fields where cron has five")]
    public void What_is_no_cron_expression_is_refused_with_what_to_write(string text, string expected)
    {
        Assert.That(CronSchedule.TryParse(text, out var schedule, out var error), Is.False);
        Assert.That(schedule, Is.Null);
        Assert.That(error, Does.Contain(expected).And.Contains("0 2 * * 6"));
    }

    [Test]
    public void Any_text_is_an_expression_or_refused_and_never_takes_long()
    {
        var random = new Random(20261122);
        const string Alphabet = "0123456789*/,- \tabcjanfebmonsunL?#W@\0é";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 40)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var parsed = CronSchedule.TryParse(text, out var schedule, out var error);
            Assert.That(parsed ? schedule is not null && error.Length == 0 : error.Length is > 0 and < 500, Is.True, text);
            Assert.That(() => schedule?.NextAfter(At("2027-03-27T12:00Z"), Berlin), Throws.Nothing, text);
        }
    }

    [Test]
    public void Any_expression_comes_after_the_time_given_and_shows_on_the_clock_what_it_says()
    {
        var random = new Random(7);
        foreach (var zone in new[] { "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo" }.Select(TimeZoneInfo.FindSystemTimeZoneById))
        {
            for (var i = 0; i < 400; i++)
            {
                var (minute, hour) = (random.Next(60), random.Next(24));
                var schedule = Parse(string.Create(CultureInfo.InvariantCulture, $"{minute} {hour} * * *"));
                var after = At("2026-01-01T00:00Z").AddMinutes(random.Next(2 * 366 * 24 * 60));
                var next = schedule.NextAfter(after, zone)!.Value;
                var again = schedule.NextAfter(next, zone)!.Value;
                var local = TimeZoneInfo.ConvertTime(next, zone);
                using (Assert.EnterMultipleScope())
                {
                    Assert.That(next, Is.GreaterThan(after).And.LessThan(after.AddHours(26)));
                    Assert.That((again - next).TotalHours, Is.InRange(22.5, 25.5), $"{zone.Id} {hour}:{minute} after {next}");
                    var skipped = zone.IsInvalidTime(local.Date.AddMinutes((hour * 60) + minute));
                    Assert.That(skipped || (local.Hour, local.Minute) == (hour, minute), Is.True, $"{zone.Id} {hour}:{minute} at {local}");
                }
            }
        }
    }

    private static CronSchedule Parse(string text)
    {
        Assert.That(CronSchedule.TryParse(text, out var schedule, out var error), Is.True, error);
        return schedule!;
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
