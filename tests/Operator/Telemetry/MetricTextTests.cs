using System.IO.Pipelines;
using System.Text;
using CertOperator.Operator.Telemetry;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Telemetry;

public sealed class MetricTextTests
{
    [Test]
    public async Task A_counter_with_labels()
    {
        var registry = new MetricRegistry();
        var counter = registry.Add(new Counter("x_total", "Things.", "a", "b"));
        counter.Increment("2", "y");
        counter.WithLabels("1", "x").Increment(5);
        counter.Increment("2", "y");

        Assert.That(await Text(registry), Is.EqualTo(
            """
            # HELP x_total Things.
            # TYPE x_total counter
            x_total{a="1",b="x"} 5
            x_total{a="2",b="y"} 2

            """));
    }

    [Test]
    public async Task A_metric_without_labels_is_there_at_0()
    {
        var registry = new MetricRegistry();
        registry.Add(new Counter("x_total", "Things."));

        Assert.That(await Text(registry), Does.EndWith("\nx_total 0\n"));
    }

    [TestCase("plain", "plain")]
    [TestCase("quote\"", "quote\\\"")]
    [TestCase("back\\slash", "back\\\\slash")]
    [TestCase("line\nfeed", "line\\nfeed")]
    [TestCase("\\\"\n", "\\\\\\\"\\n")]
    [TestCase("é☃\U0001F512", "é☃\U0001F512")]
    [TestCase("", "")]
    public async Task A_label_value_is_escaped(string value, string expected)
    {
        var registry = new MetricRegistry();
        registry.Add(new Counter("x_total", "Things.", "a")).Increment(value);

        Assert.That(await Text(registry), Does.EndWith($"\nx_total{{a=\"{expected}\"}} 1\n"));
    }

    [Test]
    public async Task Help_is_escaped_but_keeps_its_quotes()
    {
        var registry = new MetricRegistry();
        registry.Add(new Counter("x_total", "A \"thing\"\nor \\ two."));

        Assert.That(await Text(registry), Does.StartWith("# HELP x_total A \"thing\"\\nor \\\\ two.\n"));
    }

    [TestCase(0, "0")]
    [TestCase(1.5, "1.5")]
    [TestCase(-3, "-3")]
    [TestCase(1893456000.123, "1893456000.123")]
    [TestCase(1e21, "1E+21")]
    [TestCase(double.NaN, "NaN")]
    [TestCase(double.PositiveInfinity, "+Inf")]
    [TestCase(double.NegativeInfinity, "-Inf")]
    public async Task A_number_is_written_for_every_locale(double value, string expected)
    {
        var registry = new MetricRegistry();
        registry.Add(new Gauge("x", "Things.")).WithLabels().Set(value);

        Assert.That(await Text(registry), Does.EndWith($"\nx {expected}\n"));
    }

    [Test]
    public async Task A_histogram_counts_up_to_each_bound()
    {
        var registry = new MetricRegistry();
        var histogram = registry.Add(new Histogram("x_seconds", "Times.", [0.1, 1], "a"));
        foreach (var seconds in new[] { 0.05, 0.1, 0.5, 3 })
        {
            histogram.Observe(TimeSpan.FromSeconds(seconds), "v");
        }

        Assert.That(await Text(registry), Is.EqualTo(
            """
            # HELP x_seconds Times.
            # TYPE x_seconds histogram
            x_seconds_bucket{a="v",le="0.1"} 2
            x_seconds_bucket{a="v",le="1"} 3
            x_seconds_bucket{a="v",le="+Inf"} 4
            x_seconds_sum{a="v"} 3.65
            x_seconds_count{a="v"} 4

            """));
    }

    [Test]
    public async Task A_histogram_without_labels_has_le_alone()
    {
        var registry = new MetricRegistry();
        registry.Add(new Histogram("x_seconds", "Times.", [1]));

        Assert.That(await Text(registry), Does.Contain("\nx_seconds_bucket{le=\"1\"} 0\n").And.Contain("\nx_seconds_sum 0\n"));
    }

    [Test]
    public void Counts_of_many_threads_add_up()
    {
        var counter = new Counter("x_total", "Things.", "a");
        var histogram = new Histogram("x_seconds", "Times.", [1], "a");

        Parallel.For(0, 8, worker =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Increment(i % 2 == 0 ? "even" : "odd");
                histogram.Observe(TimeSpan.FromSeconds(0.5), "v");
            }
        });

        Assert.Multiple(() =>
        {
            Assert.That(counter.WithLabels("even").Value, Is.EqualTo(40_000));
            Assert.That(counter.WithLabels("odd").Value, Is.EqualTo(40_000));
            Assert.That(histogram.WithLabels("v").Sum, Is.EqualTo(40_000));
        });
    }

    [Test]
    public async Task A_series_that_comes_after_a_scrape_is_in_the_next()
    {
        var registry = new MetricRegistry();
        var counter = registry.Add(new Counter("x_total", "Things.", "a"));
        counter.Increment("1");
        await Text(registry);
        counter.Increment("2");

        Assert.That(await Text(registry), Does.Contain("x_total{a=\"2\"} 1\n"));
    }

    [Test]
    public void The_number_of_labels_must_fit()
    {
        var counter = new Counter("x_total", "Things.", "a");

        Assert.That(() => counter.Increment("1", "2"), Throws.ArgumentException);
    }

    [Test]
    public void A_name_is_given_once()
    {
        var registry = new MetricRegistry();
        registry.Add(new Counter("x_total", "Things."));

        Assert.That(() => registry.Add(new Gauge("x_total", "Others.")), Throws.ArgumentException);
    }

    internal static async Task<string> Text(MetricRegistry registry)
    {
        using var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await registry.WriteAsync(pipe, CancellationToken.None);
        await pipe.CompleteAsync();
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
