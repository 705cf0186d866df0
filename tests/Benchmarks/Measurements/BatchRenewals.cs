using System.Diagnostics;
using System.Globalization;
using CertOperator.Benchmarks.Bare;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Benchmarks.World;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>Three batches, one after the other, over the same policies: how many a second, next to the bare loop, and what remains in memory.</summary>
public sealed class BatchRenewals(int count) : IMeasurement
{
    private const int Batches = 3;
    private const int WarmUp = 100;

    /// <summary>As many as the operator runs at once by default.</summary>
    private const int Concurrent = 64;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    public IReadOnlyList<string> Figures { get; } = ["batch_policies_per_second", "batch_bare_loop_per_second", "batch_memory_growth_mb"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var number = options.Quick ? count / 10 : count;
        await using var world = await BenchWorld.StartAsync(cancellationToken);
        var @namespace = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        sheet.Say($"writing {number} policies with status and Secret");
        await IdleFleet.CreateAsync(world, @namespace, number, cancellationToken, spec => spec with { CooldownSeconds = 0, HistoryLimit = 1 });

        var rates = new List<double>();
        var memory = new List<double>();
        await using (var running = await OperatorUnderTest.StartAsync(world, options, cancellationToken))
        {
            await running.QuietAsync(cancellationToken);
            for (var i = 0; i < Batches; i++)
            {
                var before = await running.MetricsAsync(cancellationToken);
                var busy = running.ProcessorTime();
                rates.Add(number / await RenewAsync(world, @namespace, $"batch-{i}", number, cancellationToken));
                var processor = running.ProcessorTime() - busy;
                var requests = (await running.MetricsAsync(cancellationToken)).RequestsSince(before);
                await running.QuietAsync(cancellationToken);
                memory.Add(await running.ResidentMegabytesAsync());
                sheet.Say(string.Create(CultureInfo.InvariantCulture, $"batch {i + 1}: {rates[^1]:0.0}/s, {memory[^1]:0} MB afterwards, {processor.TotalSeconds:0.0} s of processor time, {MetricsPage.Describe(requests)}"));
            }
        }

        var bare = await world.ControlPlane.CreateNamespaceAsync(cancellationToken);
        var floor = number / (await BareProcess.RunAsync(world, bare, number, options.Quick ? 10 : WarmUp, useKubernetes: true, cancellationToken)).Seconds;
        sheet.Add(new Figure(Figures[0], rates.Median(), "1/s", null, string.Create(CultureInfo.InvariantCulture, $"{rates.Spread()}; {number} policies, {Concurrent} at once, from the batch to its end")));
        sheet.Add(new Figure(Figures[1], floor, "1/s", null, "the same requests without queues, decisions and rows"));
        sheet.Add(new Figure(Figures[2], memory[^1] - memory[0], "MB", Aim.AtMost(20), string.Create(CultureInfo.InvariantCulture, $"from the end of the first batch to that of the third; {string.Join(", ", memory.Select(m => m.ToString("0", CultureInfo.InvariantCulture)))} MB")));
    }

    private static async Task<double> RenewAsync(BenchWorld world, string @namespace, string name, int number, CancellationToken cancellationToken)
    {
        var batches = world.Client.Resource(CrdResources.Batches);
        var started = Stopwatch.GetTimestamp();
        await batches.CreateAsync(
            new CertificateRenewalBatch
            {
                Metadata = new ObjectMeta { Name = name, Namespace = @namespace },
                Spec = new BatchSpec { Mode = BatchMode.Live, MaxConcurrent = Concurrent },
            },
            cancellationToken);
        var ended = await Eventually.GetAsync(ct => batches.GetAsync(new NamespacedName(@namespace, name), ct), b => b.Status?.FinishedAt is not null, Deadline, $"batch {name} to end", cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return ended.Status!.Counts!.Succeeded == number ? seconds : throw new InvalidOperationException($"Batch {name} ended {ended.Status.Phase}: {ended.Status.Message}");
    }
}
