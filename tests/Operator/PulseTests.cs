using System.Text;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Telemetry;
using CertOperator.Operator.Tests.Builders;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace CertOperator.Operator.Tests;

/// <summary>The time of the last sweep that succeeded, on which RenewalEngineStalled rests.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PulseTests
{
    private const int Workers = 2;
    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new(A.Now);
    private readonly CertOperatorMetrics _metrics = new(BuildInformation.Current, ControllerNames.Policy, ControllerNames.Run);
    private readonly TaskCompletionSource _hang = new();
    private readonly Queues _queues;
    private int _hanging;

    public PulseTests() => _queues = new Queues(_time, new Random(1));

    [Test]
    public async Task While_workers_take_keys_each_sweep_counts()
    {
        await LeadAsync(async () =>
        {
            await Eventually.TrueAsync(async _ => await SuccessAsync() == A.Now, TimeSpan.FromSeconds(20), "the first sweep");
            _time.Advance(Sweep);
            await Eventually.TrueAsync(async _ => await SuccessAsync() == A.Now + Sweep, TimeSpan.FromSeconds(20), "the second");
        });
    }

    [TestCase(ControllerNames.Policy)]
    [TestCase(ControllerNames.Run)]
    public async Task When_all_workers_of_a_queue_hang_no_sweep_counts_until_one_goes_on(string queue)
    {
        var (stuck, other) = queue == ControllerNames.Policy ? (_queues.Policies, _queues.Runs) : (_queues.Runs, _queues.Policies);
        await LeadAsync(async () =>
        {
            await Eventually.TrueAsync(async _ => await SuccessAsync() == A.Now, TimeSpan.FromSeconds(20), "the first sweep");
            for (var i = 0; i < Workers; i++)
            {
                stuck.Add(new NamespacedName("shop", $"{i}"));
            }

            await Eventually.TrueAsync(_ => Task.FromResult(Volatile.Read(ref _hanging) == Workers), TimeSpan.FromSeconds(20), "all workers to hang");
            for (var i = 0; i < 30; i++)
            {
                _time.Advance(Sweep);
                await Eventually.TrueAsync(_ => Task.FromResult(stuck.Depth == 1 && other is { Depth: 0, Processing: 0 }), TimeSpan.FromSeconds(20), "the sweep");
            }

            Assert.That(await SuccessAsync(), Is.EqualTo(A.Now), "a quarter of an hour later");
            _hang.SetResult();
            await Eventually.TrueAsync(async _ => await SuccessAsync() == A.Now + (30 * Sweep), TimeSpan.FromSeconds(20), "the workers to go on");
        });
    }

    private async Task LeadAsync(Func<Task> meanwhile)
    {
        var stores = new ResourceStores(new ObjectStore<CertificateRenewalPolicy>(), new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());
        var pulse = new Pulse(_metrics, _time);
        var leadership = new Leadership(
            new LeadersWork([], _queues, stores),
            [Controller(ControllerNames.Policy, _queues.Policies, pulse), Controller(ControllerNames.Run, _queues.Runs, pulse)],
            [],
            pulse,
            _metrics,
            _time);
        using var stop = new CancellationTokenSource();
        var leading = leadership.LeadAsync(new LeadershipTerm(stop.Token, CancellationToken.None));
        try
        {
            await meanwhile();
        }
        finally
        {
            _hang.TrySetResult();
            await stop.CancelAsync();
            await leading;
        }
    }

    private Controller Controller(string name, WorkQueue<NamespacedName> queue, Pulse pulse)
        => new(new ControllerOptions { Name = name, Workers = Workers }, pulse.Through(queue, new Hanging(this)), queue, new ControllerMetrics(_metrics), _time, NullLogger.Instance);

    private async Task<DateTimeOffset> SuccessAsync()
    {
        using var page = new MemoryStream();
        var writer = System.IO.Pipelines.PipeWriter.Create(page, new System.IO.Pipelines.StreamPipeWriterOptions(leaveOpen: true));
        await _metrics.Registry.WriteAsync(writer, CancellationToken.None);
        await writer.CompleteAsync();
        var line = Encoding.UTF8.GetString(page.ToArray()).Split('\n').Single(l => l.StartsWith("certoperator_scheduler_last_success_timestamp_seconds ", StringComparison.Ordinal));
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * 1000));
    }

    private sealed class Hanging(PulseTests test) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref test._hanging);
            await test._hang.Task;
            return ReconcileResult.Done.Instance;
        }
    }
}
