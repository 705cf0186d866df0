using System.Diagnostics;
using System.Globalization;
using CertOperator.Benchmarks.Bare;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Benchmarks.World;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>
/// Many policies due at the same instant: how many certificates a second the operator brings, next to a bare loop with the
/// same requests. Both are warm, and both have ended when every Secret, policy status and Event was seen in the cluster.
/// </summary>
public sealed class Renewals(int count) : IMeasurement
{
    private const int WarmUp = 100;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);
    private readonly string _suffix = count.ToString(CultureInfo.InvariantCulture);

    public IReadOnlyList<string> Figures =>
    [
        $"renewals_per_second_{_suffix}", $"bare_loop_per_second_{_suffix}", $"renewal_efficiency_{_suffix}", $"acme_only_per_second_{_suffix}",
        $"api_writes_per_renewal_{_suffix}", $"api_reads_per_renewal_{_suffix}", $"acme_requests_per_renewal_{_suffix}",
    ];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var number = options.Quick ? count / 10 : count;

        // One after the other and again, so that a change of the machine's mood hits both.
        var rounds = options.Quick ? 1 : 3;
        List<double> operatorRates = [];
        List<double> bareRates = [];
        List<double> acmeRates = [];
        List<double> efficiencies = [];
        RequestCounts? counts = null;
        for (var round = 0; round < rounds; round++)
        {
            await using var world = await BenchWorld.StartAsync(cancellationToken);
            if (round % 2 == 0)
            {
                bareRates.Add(await BareAsync(world, sheet, number, cancellationToken));
            }

            var (rate, counted) = await OperatorAsync(world, options, sheet, number, cancellationToken);
            operatorRates.Add(rate);
            counts ??= counted;
            if (round % 2 == 1)
            {
                bareRates.Add(await BareAsync(world, sheet, number, cancellationToken));
            }

            acmeRates.Add(number / (await BareProcess.RunAsync(world, "default", number, WarmUp, useKubernetes: false, cancellationToken)).Seconds);
            efficiencies.Add(rate / bareRates[^1]);
            sheet.Say(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: operator {rate:0.0}/s, bare loop {bareRates[^1]:0.0}/s, ACME only {acmeRates[^1]:0.0}/s"));
        }

        sheet.Add(new Figure(Figures[0], operatorRates.Median(), "1/s", null, operatorRates.Spread()));
        sheet.Add(new Figure(Figures[1], bareRates.Median(), "1/s", null, bareRates.Spread()));
        sheet.Add(new Figure(Figures[2], efficiencies.Median(), "ratio", Aim.AtLeast(0.8), efficiencies.Spread()));
        sheet.Add(new Figure(Figures[3], acmeRates.Median(), "1/s", null, acmeRates.Spread()));
        sheet.Add(new Figure(Figures[4], counts!.Writes, "requests", Aim.AtMost(8), counts.WriteBreakdown));
        sheet.Add(new Figure(Figures[5], counts.Reads, "requests", null, counts.ReadBreakdown));
        sheet.Add(new Figure(Figures[6], counts.Acme, "requests", null, counts.AcmeBreakdown));
    }

    private static async Task<(double Rate, RequestCounts Counts)> OperatorAsync(BenchWorld world, BenchOptions options, FigureSheet sheet, int number, CancellationToken cancellationToken)
    {
        var warm = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        var @namespace = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);

        // Without Settings these have no issuer and wait; the Settings make all of them due with one request.
        await PolicyFleet.CreateAsync(world, @namespace, "due", number, null, cancellationToken);
        await PolicyFleet.CreateAsync(world, warm, "warm", WarmUp, null, cancellationToken);
        await using var running = await OperatorUnderTest.StartAsync(world, options, cancellationToken, "--namespaces", $"{warm},{@namespace}");
        await using (var outcome = await RenewalOutcome.WatchAsync(world, warm, cancellationToken))
        {
            await PolicyFleet.CreateSettingsAsync(world, warm, cancellationToken);
            await outcome.CompleteAsync(WarmUp, Deadline, cancellationToken);
        }

        await running.QuietAsync(cancellationToken);
        var before = await running.MetricsAsync(cancellationToken);
        double seconds;
        await using (var outcome = await RenewalOutcome.WatchAsync(world, @namespace, cancellationToken))
        {
            var times = ProcessorTimes.Read(world, running.ProcessId);
            var started = Stopwatch.GetTimestamp();
            await PolicyFleet.CreateSettingsAsync(world, @namespace, cancellationToken);
            seconds = Stopwatch.GetElapsedTime(started, await outcome.CompleteAsync(number, Deadline, cancellationToken)).TotalSeconds;
            sheet.Say($"operator: {ProcessorTimes.Read(world, running.ProcessId).Since(times, number)}");
        }

        await running.QuietAsync(cancellationToken);
        return (number / seconds, RequestCounts.Between(before, await running.MetricsAsync(cancellationToken)));
    }

    private static async Task<double> BareAsync(BenchWorld world, FigureSheet sheet, int number, CancellationToken cancellationToken)
    {
        var @namespace = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        var (seconds, processor) = await BareProcess.RunAsync(world, @namespace, number, WarmUp, useKubernetes: true, cancellationToken);
        sheet.Say($"bare loop: {processor}");
        return number / seconds;
    }
}
