using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Runtime;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class WorkQueueTests
{
    private static CancellationToken Ct => TestContext.CurrentContext.CancellationToken;

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_key_that_is_added_twice_is_handed_out_once()
    {
        using var queue = NewQueue();

        queue.Add("a");
        queue.Add("a");
        queue.Add("b");

        Assert.That(queue.Depth, Is.EqualTo(2));
        Assert.That(await TakeAllAsync(queue), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task A_key_that_is_added_while_a_worker_has_it_comes_back_at_Done_and_not_before()
    {
        using var queue = NewQueue();
        queue.Add("a");
        await queue.GetAsync(Ct);

        queue.Add("a");
        queue.Add("a");
        Assert.That(queue.Depth, Is.Zero);

        queue.Done("a");
        Assert.That(queue.Depth, Is.EqualTo(1));
        await queue.GetAsync(Ct);
        queue.Done("a");
        Assert.That(queue.Depth, Is.Zero);
    }

    [Test]
    public async Task Waiters_get_keys_in_the_order_in_which_they_came()
    {
        using var queue = NewQueue();
        Task<string>[] waiters = [.. Enumerable.Range(0, 3).Select(_ => queue.GetAsync(Ct).AsTask())];

        queue.Add("a");
        queue.Add("b");
        queue.Add("c");

        Assert.That(await Task.WhenAll(waiters), Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public async Task A_waiter_that_gives_up_takes_no_key_with_it()
    {
        using var queue = NewQueue();
        using var cancel = new CancellationTokenSource();
        Task<string> first = queue.GetAsync(cancel.Token).AsTask();
        Task<string> second = queue.GetAsync(Ct).AsTask();

        await cancel.CancelAsync();
        queue.Add("a");

        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await second, Is.EqualTo("a"));
        Assert.That(async () => await queue.GetAsync(cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Live_changes_go_before_low_keys_and_a_low_key_that_changes_moves_up()
    {
        using var queue = NewQueue();
        queue.Add("low1", WorkPriority.Low);
        queue.Add("low2", WorkPriority.Low);
        queue.Add("live");
        queue.Add("low2");

        Assert.That(await TakeAllAsync(queue), Is.EqualTo(new[] { "live", "low2", "low1" }));
    }

    [Test]
    public async Task A_normal_key_does_not_move_down_when_it_is_added_as_low()
    {
        using var queue = NewQueue();
        queue.Add("a");
        queue.Add("b", WorkPriority.Low);
        queue.Add("a", WorkPriority.Low);

        Assert.That(await TakeAllAsync(queue), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task Live_changes_without_end_do_not_hold_back_low_keys_forever()
    {
        using var queue = NewQueue();
        queue.Add("low", WorkPriority.Low);
        var taken = new List<string>();
        for (int i = 0; i < 10; i++)
        {
            queue.Add($"live{i}");
            string key = await queue.GetAsync(Ct);
            queue.Done(key);
            taken.Add(key);
        }

        Assert.That(taken, Does.Contain("low"));
    }

    [Test]
    public void A_delayed_key_comes_when_its_time_is_over()
    {
        using var queue = NewQueue();
        queue.AddAfter("a", TimeSpan.FromSeconds(10));

        _clock.Advance(TimeSpan.FromSeconds(9.999));
        Assert.That((queue.Depth, queue.Delayed), Is.EqualTo((0, 1)));

        _clock.Advance(TimeSpan.FromSeconds(0.001));
        Assert.That((queue.Depth, queue.Delayed), Is.EqualTo((1, 0)));
    }

    [TestCase(10, 5, 5, TestName = "An_earlier_delay_replaces_a_later_one")]
    [TestCase(5, 10, 5, TestName = "A_later_delay_does_not_replace_an_earlier_one")]
    public void Of_two_delays_the_earlier_counts_and_the_key_comes_once(int first, int second, int due)
    {
        using var queue = NewQueue();
        queue.AddAfter("a", TimeSpan.FromSeconds(first));
        queue.AddAfter("a", TimeSpan.FromSeconds(second));

        _clock.Advance(TimeSpan.FromSeconds(due) - TimeSpan.FromMilliseconds(1));
        Assert.That(queue.Depth, Is.Zero);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.That((queue.Depth, queue.Delayed), Is.EqualTo((1, 0)));
    }

    [TestCase(0)]
    [TestCase(-5)]
    public void A_delay_of_nothing_is_an_add(int seconds)
    {
        using var queue = NewQueue();
        queue.AddAfter("a", TimeSpan.FromSeconds(seconds));

        Assert.That(queue.Depth, Is.EqualTo(1));
    }

    [TestCase(90)]
    [TestCase(1000)]
    public void A_delay_may_be_longer_than_a_timer_can_wait(int days)
    {
        using var queue = NewQueue();
        queue.AddAfter("a", TimeSpan.FromDays(days));

        _clock.Advance(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(1));
        Assert.That(queue.Depth, Is.Zero);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(queue.Depth, Is.EqualTo(1));
    }

    [Test]
    public void The_longest_delay_there_is_does_not_overflow()
    {
        using var queue = NewQueue();
        queue.AddAfter("a", TimeSpan.MaxValue);

        Assert.That(queue.Delayed, Is.EqualTo(1));
    }

    [Test]
    public async Task A_delayed_key_that_is_due_while_a_worker_has_it_comes_back_at_Done()
    {
        using var queue = NewQueue();
        queue.Add("a");
        await queue.GetAsync(Ct);
        queue.AddAfter("a", TimeSpan.FromSeconds(1));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That((queue.Depth, queue.Delayed), Is.EqualTo((0, 0)));
        queue.Done("a");
        Assert.That(queue.Depth, Is.EqualTo(1));
    }

    [Test]
    public async Task Ten_thousand_delayed_keys_share_one_timer_and_come_in_the_order_of_their_times()
    {
        using var queue = NewQueue();
        int[] delays = [.. Enumerable.Range(1, 10_000)];
        new Random(7).Shuffle(delays);
        foreach (int delay in delays)
        {
            queue.AddAfter($"{delay}", TimeSpan.FromSeconds(delay));
        }

        Assert.That(_clock.TimerCount, Is.EqualTo(1));
        Assert.That(queue.Delayed, Is.EqualTo(10_000));
        _clock.Advance(TimeSpan.FromSeconds(10_000));
        Assert.That(await TakeAllAsync(queue), Is.EqualTo(Enumerable.Range(1, 10_000).Select(i => $"{i}")));
        Assert.That(_clock.TimerCount, Is.Zero);
    }

    [Test]
    public void The_backoff_doubles_from_5_ms_to_1000_s_and_stays_there()
    {
        using var queue = NewQueue();

        double[] delays = [.. Enumerable.Range(0, 100).Select(_ => queue.AddRateLimited("a").TotalMilliseconds)];

        Assert.That(delays[..4], Is.EqualTo(new[] { 5, 10, 20, 40 }));
        Assert.That(delays[17..], Is.EqualTo([655_360, .. Enumerable.Repeat(1_000_000, 82)]));
        Assert.That(queue.NumRequeues("a"), Is.EqualTo(100));
        Assert.That(queue.Retries, Is.EqualTo(100));
    }

    [Test]
    public void Forget_starts_the_backoff_again()
    {
        using var queue = NewQueue();
        queue.AddRateLimited("a");
        queue.AddRateLimited("a");

        queue.Forget("a");

        Assert.That(queue.NumRequeues("a"), Is.Zero);
        Assert.That(queue.AddRateLimited("a"), Is.EqualTo(TimeSpan.FromMilliseconds(5)));
    }

    [TestCase(0.0, 90)]
    [TestCase(0.5, 100)]
    [TestCase(0.999999999, 110)]
    public void Jitter_moves_the_backoff_by_its_share(double random, int expectedMilliseconds)
    {
        using var queue = new WorkQueue<string>(new WorkQueueOptions { BaseDelay = TimeSpan.FromMilliseconds(100) }, _clock, new FixedRandom(random));

        Assert.That(queue.AddRateLimited("a").TotalMilliseconds, Is.EqualTo(expectedMilliseconds).Within(0.001));
    }

    [Test]
    public void Jitter_never_makes_the_backoff_longer_than_its_limit()
    {
        var options = new WorkQueueOptions { BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(1) };
        using var queue = new WorkQueue<string>(options, _clock, new FixedRandom(0.99));

        Assert.That(queue.AddRateLimited("a"), Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task After_the_shutdown_the_waiting_keys_are_handed_out_and_nothing_else()
    {
        using var queue = NewQueue();
        queue.Add("a");
        queue.AddAfter("late", TimeSpan.FromSeconds(1));
        queue.ShutDown();
        queue.Add("b");
        queue.AddAfter("c", TimeSpan.FromSeconds(1));
        queue.AddRateLimited("d");
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.That(await queue.GetAsync(Ct), Is.EqualTo("a"));
        Assert.That(async () => await queue.GetAsync(Ct), Throws.TypeOf<WorkQueueClosedException>());
    }

    [Test]
    public void The_shutdown_wakes_those_who_wait()
    {
        using var queue = NewQueue();
        Task<string> waiter = queue.GetAsync(Ct).AsTask();

        queue.ShutDown();

        Assert.That(async () => await waiter, Throws.TypeOf<WorkQueueClosedException>());
    }

    [Test]
    public async Task The_queue_is_idle_when_no_key_waits_and_no_worker_has_one()
    {
        using var queue = NewQueue();
        Assert.That(queue.WhenIdleAsync(Ct).IsCompleted);
        queue.Add("a");
        queue.AddAfter("later", TimeSpan.FromHours(1));
        Task idle = queue.WhenIdleAsync(Ct);
        await queue.GetAsync(Ct);
        queue.Add("a");
        queue.Done("a");
        await queue.GetAsync(Ct);
        Assert.That(idle.IsCompleted, Is.False);

        queue.Done("a");

        await idle;
    }

    [Test]
    public void Done_for_a_key_that_nobody_has_is_an_error()
    {
        using var queue = NewQueue();
        queue.Add("a");

        Assert.That(() => queue.Done("a"), Throws.InvalidOperationException);
    }

    private WorkQueue<string> NewQueue() => new(new WorkQueueOptions(), _clock, new FixedRandom());

    private static async Task<List<string>> TakeAllAsync(WorkQueue<string> queue)
    {
        var taken = new List<string>();
        while (queue.Depth > 0)
        {
            string key = await queue.GetAsync(Ct);
            queue.Done(key);
            taken.Add(key);
        }

        return taken;
    }
}
