namespace CertOperator.Acme.Tests.Protocol;

public sealed class RetryAfterHeaderTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Max = TimeSpan.FromDays(7);

    [TestCase(null, null)]
    [TestCase("", null)]
    [TestCase("  ", null)]
    [TestCase("0", 0)]
    [TestCase("120", 120)]
    [TestCase(" 120 ", 120)]
    [TestCase("604799", 604_799)]
    [TestCase("604801", 604_800, TestName = "More_than_the_cap_is_the_cap")]
    [TestCase("99999999999999999999999", 604_800, TestName = "More_digits_than_a_number_holds_are_the_cap")]
    [TestCase("-5", null, TestName = "Negative_seconds_are_ignored")]
    [TestCase("1.5", null)]
    [TestCase("soon", null)]
    [TestCase("Tue, 01 Jan 2030 12:02:00 GMT", 120)]
    [TestCase("Tuesday, 01-Jan-30 12:02:00 GMT", 120, TestName = "The_date_form_of_RFC_850_is_read")]
    [TestCase("Tue Jan  1 12:02:00 2030", 120, TestName = "The_date_form_of_asctime_is_read")]
    [TestCase("Tue, 01 Jan 2030 12:00:00 GMT", 0)]
    [TestCase("Tue, 01 Jan 2030 11:59:59 GMT", null, TestName = "A_date_in_the_past_is_ignored")]
    [TestCase("Fri, 31 Dec 9999 23:59:59 GMT", 604_800, TestName = "A_date_in_the_far_future_is_the_cap")]
    [TestCase("Mon, 01 Jan 2030 12:02:00 GMT", null, TestName = "A_date_with_the_wrong_weekday_is_ignored")]
    public void Retry_after_is_seconds_or_a_date_within_bounds(string? value, int? seconds) =>
        Assert.That(RetryAfterHeader.Parse(value, Now, Max), Is.EqualTo(seconds is { } s ? TimeSpan.FromSeconds(s) : (TimeSpan?)null));
}
