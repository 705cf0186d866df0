using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

internal sealed class KubernetesDurationTests
{
    [TestCase("720h", 720 * 3600.0)]
    [TestCase("1h30m", 5400.0)]
    [TestCase("90m", 5400.0)]
    [TestCase("1.5h", 5400.0)]
    [TestCase(".5h", 1800.0)]
    [TestCase("30d", 30 * 86400.0)]
    [TestCase("1d12h", 129600.0)]
    [TestCase("30m1h", 5400.0)]
    [TestCase("1500ms", 1.5)]
    [TestCase("2160h0m0s", 2160 * 3600.0)]
    [TestCase("250us", 0.00025)]
    [TestCase("250\u00b5s", 0.00025)]
    [TestCase("300ns", 0.0000003)]
    [TestCase("36500d", 36500 * 86400.0)]
    public void Reads(string text, double seconds)
    {
        var ok = KubernetesDuration.TryParse(text, out var duration, out var error);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ok, Is.True, error);
            Assert.That(duration, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
            Assert.That(error, Is.Empty);
        }
    }

    [TestCase(null, "is empty")]
    [TestCase("", "is empty")]
    [TestCase("  ", "is empty")]
    [TestCase("-5h", "is negative")]
    [TestCase("0s", "has no length")]
    [TestCase("0h0m", "has no length")]
    [TestCase("1ns", "has no length")]
    [TestCase("0", "without a unit")]
    [TestCase("720", "without a unit")]
    [TestCase("1h30", "without a unit")]
    [TestCase("720hours", "unknown unit")]
    [TestCase("2w", "unknown unit")]
    [TestCase("1y", "unknown unit")]
    [TestCase("1 h", "unknown unit")]
    [TestCase("P30D", "not a duration")]
    [TestCase("h", "not a duration")]
    [TestCase(".h", "not a duration")]
    [TestCase("1.2.3h", "not a duration")]
    [TestCase("+1h", "not a duration")]
    [TestCase(" 1h", "not a duration")]
    [TestCase("1h-30m", "unknown unit")]
    [TestCase("1e9h", "unknown unit")]
    [TestCase("\u0661h", "not a duration")]
    [TestCase("36501d", "longer than 100 years")]
    [TestCase("9999999999h", "longer than 100 years")]
    [TestCase("999999999999999d999999999999999d999999999999999d999999999999999d", "longer than 100 years")]
    [TestCase("99999999999999999999999h", "too many digits")]
    [TestCase("1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h", "too long")]
    public void Refuses_with_advice(string? text, string part)
    {
        var ok = KubernetesDuration.TryParse(text, out var duration, out var error);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ok, Is.False);
            Assert.That(duration, Is.EqualTo(TimeSpan.Zero));
            Assert.That(error, Does.Contain(part));
        }
    }

    [TestCase(720 * 3600.0, "720h")]
    [TestCase(5400.0, "1h30m")]
    [TestCase(90.0, "1m30s")]
    [TestCase(1.5, "1.5s")]
    [TestCase(0.0, "0s")]
    [TestCase(-5400.0, "-1h30m")]
    public void Writes(double seconds, string expected) => Assert.That(KubernetesDuration.Format(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    [Test]
    public void Writes_the_extremes() => Assert.That(() => KubernetesDuration.Format(TimeSpan.MinValue) + KubernetesDuration.Format(TimeSpan.MaxValue), Throws.Nothing);

    [Test]
    public void What_is_written_reads_back_the_same()
    {
        var random = new Random(11);
        for (var i = 0; i < 10_000; i++)
        {
            var duration = TimeSpan.FromTicks(random.NextInt64(1, KubernetesDuration.Longest.Ticks));
            Assert.That(KubernetesDuration.TryParse(KubernetesDuration.Format(duration), out var read, out var error), Is.True, error);
            Assert.That(read, Is.EqualTo(duration));
        }
    }

    [Test]
    public void Any_text_gives_an_answer()
    {
        var random = new Random(13);
        const string Alphabet = "0123456789.hdmsnu-+ e\u00b5";
        for (var i = 0; i < 50_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(0, 70)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var ok = KubernetesDuration.TryParse(text, out var duration, out var error);
            Assert.That(ok ? duration > TimeSpan.Zero && duration <= KubernetesDuration.Longest : error.Length > 0, text);
        }
    }
}
