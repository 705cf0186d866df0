using System.Collections.Concurrent;
using System.Net;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Runtime;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class ControllerTests : IDisposable
{
    private static readonly NamespacedName A = new("ns", "a");
    private static readonly NamespacedName B = new("ns", "b");
    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingControllerObserver _observer = new();
    private readonly RecordingLogger _logger = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly WorkQueue<NamespacedName> _queue;

    public ControllerTests() => _queue = new WorkQueue<NamespacedName>(new WorkQueueOptions(), _clock, new FixedRandom());

    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    public void Dispose()
    {
        _queue.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }

    [Test]
    public async Task Done_ends_the_work_on_a_key_and_its_backoff()
    {
        _queue.AddRateLimited(A);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Task run = Run((_, _) => Result(ReconcileResult.Done.Instance));

        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Done));

        await StopAsync(run);
        Assert.That((_queue.Depth, _queue.Delayed, _queue.NumRequeues(A)), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task RequeueAfter_brings_the_key_back_after_the_delay()
    {
        Task run = Run((_, _) => Result(new ReconcileResult.RequeueAfter(TimeSpan.FromMinutes(5))));
        _queue.Add(A);
        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.RequeueAfter));
        await _queue.WhenIdleAsync(Ct);

        Assert.That(_queue.Delayed, Is.EqualTo(1));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.RequeueAfter));
        await StopAsync(run);
    }

    [Test]
    public async Task A_key_that_always_fails_waits_longer_and_longer_and_holds_nobody_up()
    {
        Task run = Run((key, _) => key == A ? throw new InvalidOperationException("broken") : Result(ReconcileResult.Done.Instance));
        _queue.Add(A);
        for (int i = 1; i <= 8; i++)
        {
            Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Failed));
            await _queue.WhenIdleAsync(Ct);
            Assert.That((_queue.NumRequeues(A), _queue.Delayed), Is.EqualTo((i, 1)));
            _queue.Add(B);
            Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Done));
            _clock.Advance(TimeSpan.FromMilliseconds(5 << (i - 1)));
        }

        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Failed));
        await StopAsync(run);
        Assert.That(_logger.Entries.Count(e => e.Level == LogLevel.Error && e.Message.Contains("ns/a", StringComparison.Ordinal)), Is.EqualTo(9));
    }

    [Test]
    public async Task A_conflict_is_retried_without_noise()
    {
        Task run = Run((_, _) => throw new ConflictException("newer"));
        _queue.Add(A);

        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Conflict));

        await StopAsync(run);
        Assert.That(_queue.NumRequeues(A), Is.EqualTo(1));
        Assert.That(_logger.Entries.Max(e => e.Level), Is.EqualTo(LogLevel.Information));
    }

    [Test]
    public async Task As_many_keys_as_there_are_workers_are_worked_on_at_a_time_and_none_twice()
    {
        var running = new ConcurrentDictionary<NamespacedName, int>();
        using var three = new CountdownEvent(3);
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int most = 0;
        Task run = Run(
            async (key, _) =>
            {
                Assert.That(running.TryAdd(key, 0), "two workers have one key");
                InterlockedMax(ref most, running.Count);
                if (three.CurrentCount > 0 && three.Signal())
                {
                    together.SetResult();
                }

                await together.Task;
                running.TryRemove(key, out int _);
                return ReconcileResult.Done.Instance;
            },
            workers: 3);
        for (int i = 0; i < 30; i++)
        {
            _queue.Add(new NamespacedName("ns", $"{i % 10}"));
        }

        await _queue.WhenIdleAsync(Ct);
        await StopAsync(run);

        Assert.That(most, Is.EqualTo(3));
        Assert.That(_logger.Entries.Any(e => e.Level == LogLevel.Error), Is.False);
    }

    [Test]
    public async Task When_it_stops_it_takes_no_key_and_waits_for_those_it_has()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task run = Run(async (_, ct) =>
        {
            started.SetResult();
            await goOn.Task.WaitAsync(ct);
            return ReconcileResult.Done.Instance;
        });
        _queue.Add(A);
        await started.Task.WaitAsync(Ct);

        await _stop.CancelAsync();
        _queue.Add(B);
        _clock.Advance(TimeSpan.FromSeconds(14));
        Assert.That(run.IsCompleted, Is.False);
        goOn.SetResult();
        await run.WaitAsync(Ct);

        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Done));
        Assert.That(_queue.Depth, Is.EqualTo(1));
    }

    [TestCase(false, TestName = "A_reconcile_that_outlasts_the_grace_period_is_cancelled_and_its_key_kept")]
    [TestCase(true, TestName = "An_abort_cancels_reconciles_at_once_and_keeps_their_keys")]
    public async Task Interrupted_keys_are_in_the_queue_again(bool abort)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task run = Run(async (_, ct) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, ct);
            return ReconcileResult.Done.Instance;
        });
        _queue.Add(A);
        await started.Task.WaitAsync(Ct);

        await (abort ? _abort : _stop).CancelAsync();
        if (!abort)
        {
            Assert.That(run.IsCompleted, Is.False);
            _clock.Advance(TimeSpan.FromSeconds(15));
        }

        await run.WaitAsync(Ct);
        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Interrupted));
        Assert.That((_queue.Depth, _queue.NumRequeues(A), _queue.Processing), Is.EqualTo((1, 0, 0)));
    }

    [Test]
    public async Task After_a_stop_a_further_run_goes_on_with_the_same_queue()
    {
        Task first = Run((_, _) => Result(ReconcileResult.Done.Instance));
        await StopAsync(first);
        _queue.Add(A);
        using var stop = new CancellationTokenSource();

        Task second = NewController((_, _) => Result(ReconcileResult.Done.Instance), 1).RunAsync(stop.Token);

        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Done));
        await stop.CancelAsync();
        await second.WaitAsync(Ct);
    }

    [Test]
    public async Task It_ends_when_the_queue_is_shut_down_and_empty()
    {
        _queue.Add(A);
        Task run = Run((_, _) => Result(ReconcileResult.Done.Instance), workers: 4);

        _queue.ShutDown();

        await run.WaitAsync(Ct);
        Assert.That(await _observer.NextAsync(Ct), Is.EqualTo(ReconcileOutcome.Done));
    }

    [Test]
    public void A_fault_outside_the_reconciler_ends_the_controller_instead_of_one_worker()
    {
        var options = new ControllerOptions { Name = "test", Workers = 3 };
        var reconciler = new DelegateReconciler((_, _) => Result(ReconcileResult.Done.Instance));
        var controller = new Controller(options, reconciler, _queue, new ThrowingObserver(), _clock, _logger);
        _queue.Add(A);

        Assert.That(() => controller.RunAsync(CancellationToken.None).WaitAsync(Ct), Throws.TypeOf<ProtocolViolationException>());
    }

    private static Task<ReconcileResult> Result(ReconcileResult result) => Task.FromResult(result);

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private Task Run(Func<NamespacedName, CancellationToken, Task<ReconcileResult>> reconcile, int workers = 1) =>
        NewController(reconcile, workers).RunAsync(_stop.Token, _abort.Token);

    private Controller NewController(Func<NamespacedName, CancellationToken, Task<ReconcileResult>> reconcile, int workers) =>
        new(new ControllerOptions { Name = "test", Workers = workers }, new DelegateReconciler(reconcile), _queue, _observer, _clock, _logger);

    private async Task StopAsync(Task run)
    {
        await _stop.CancelAsync();
        await run.WaitAsync(Ct);
    }

    private sealed class ThrowingObserver : IControllerObserver
    {
        public void Reconciled(string controller, ReconcileOutcome outcome, TimeSpan duration) => throw new ProtocolViolationException();
    }
}
