using System.Diagnostics;
using System.Globalization;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Benchmarks.World;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>Memory, start and idle load of an operator whose policies all have a good certificate.</summary>
public sealed class Footprint(int count) : IMeasurement
{
    private const int StartupCount = 10_000;
    private const double Megabyte = 1 << 20;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeadlinePerThousand = TimeSpan.FromSeconds(18);

    /// <summary>Keys that workers have taken are in neither count until they are done.</summary>
    private const int Workers = 8;

    private readonly string _suffix = count.ToString(CultureInfo.InvariantCulture);

    public IReadOnlyList<string> Figures
        => count == StartupCount ? [$"rss_mb_{_suffix}", "startup_seconds", "startup_reconciled_seconds", "idle_cpu_percent", "metrics_scrape_seconds", "metrics_scrape_mb", "metrics_scrape_memory_mb"] : [$"rss_mb_{_suffix}"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var number = options.Quick ? count / 10 : count;
        await using var world = await BenchWorld.StartAsync(cancellationToken);
        var @namespace = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        sheet.Say($"writing {number} policies with status and Secret");
        await IdleFleet.CreateAsync(world, @namespace, number, cancellationToken);

        sheet.Say("starting the operator");
        var starts = new List<double>();
        var reconciled = new List<double>();
        for (var i = 0; count == StartupCount && i < 2; i++)
        {
            await using var first = await OperatorUnderTest.StartAsync(world, options, cancellationToken);
            await StartAsync(first, number, starts, reconciled, cancellationToken);
        }

        await using var running = await OperatorUnderTest.StartAsync(world, options, cancellationToken);
        await StartAsync(running, number, starts, reconciled, cancellationToken);
        await Task.Delay(options.Quick ? TimeSpan.FromSeconds(5) : Settling, TimeProvider.System, cancellationToken);
        var resident = await running.ResidentMegabytesAsync();
        var (processor, clock) = (running.ProcessorTime(), Stopwatch.GetTimestamp());
        await Task.Delay(options.Quick ? TimeSpan.FromSeconds(5) : Idle, TimeProvider.System, cancellationToken);
        var used = running.ProcessorTime() - processor;
        var percent = 100 * used / Stopwatch.GetElapsedTime(clock);
        var metrics = await running.MetricsAsync(cancellationToken);
        if (metrics.Sum("certoperator_renewal_runs_total", _ => true) > 0)
        {
            throw new InvalidOperationException("The operator renewed something, so it was not idle.");
        }

        resident = Math.Max(resident, await running.ResidentMegabytesAsync());
        sheet.Add(new Figure(Figures[0], resident, "MB", count == StartupCount ? Aim.AtMost(200) : null, string.Create(CultureInfo.InvariantCulture, $"{number} policies, each with status and Secret")));
        if (count == StartupCount)
        {
            sheet.Add(new Figure("startup_seconds", starts.Median(), "s", Aim.AtMost(5), starts.Spread() + "; from the start of the process until every policy was in the work queue"));
            sheet.Add(new Figure("startup_reconciled_seconds", reconciled.Median(), "s", null, reconciled.Spread() + "; until every policy was reconciled"));
            sheet.Add(new Figure("idle_cpu_percent", percent, "percent", null, "of one core, 30 s"));
            await ScrapeAsync(running, sheet, resident, number, cancellationToken);
        }
    }

    private static async Task ScrapeAsync(OperatorUnderTest running, FigureSheet sheet, double before, int number, CancellationToken cancellationToken)
    {
        List<double> seconds = [];
        double size = 0;
        for (var i = 0; i < 10; i++)
        {
            var (took, bytes) = await running.ScrapeAsync(cancellationToken);
            seconds.Add(took.TotalSeconds);
            size = bytes / Megabyte;
        }

        sheet.Add(new Figure("metrics_scrape_seconds", seconds.Median(), "s", Aim.AtMost(1), string.Create(CultureInfo.InvariantCulture, $"{seconds.Spread()}; {number} policies")));
        sheet.Add(new Figure("metrics_scrape_mb", size, "MB", Aim.AtMost(16), "not compressed"));
        sheet.Add(new Figure("metrics_scrape_memory_mb", Math.Max(0, await running.ResidentMegabytesAsync() - before), "MB", null, "resident memory after ten scrapes over that before"));
    }

    /// <summary>Seconds from the start of the process until as many keys have come into the queue, and as many reconciles have ended, as there are policies.</summary>
    private static async Task StartAsync(OperatorUnderTest running, int number, List<double> queued, List<double> reconciled, CancellationToken cancellationToken)
    {
        queued.Add(await TimeAsync(running, number, page => Reconciled(page) + page.Sum("certoperator_workqueue_depth", IsPolicy) + Workers >= number, "every policy to be in the work queue", cancellationToken));
        reconciled.Add(await TimeAsync(running, number, page => Reconciled(page) >= number, "every policy to be reconciled", cancellationToken));
    }

    private static async Task<double> TimeAsync(OperatorUnderTest running, int number, Func<MetricsPage, bool> reached, string what, CancellationToken cancellationToken)
    {
        await Eventually.TrueAsync(async ct => reached(await running.MetricsAsync(ct)), DeadlinePerThousand * Math.Max(10, number / 1000), what, cancellationToken);
        return Stopwatch.GetElapsedTime(running.Started).TotalSeconds;
    }

    private static double Reconciled(MetricsPage page) => page.Sum("certoperator_reconcile_total", IsPolicy);

    private static bool IsPolicy(IReadOnlyDictionary<string, string> labels) => labels["controller"] == "policy";
}
