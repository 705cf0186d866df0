using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_delay_ends_when_the_clock_has_passed_it_and_not_before()
    {
        Task delay = Task.Delay(TimeSpan.FromMinutes(5), _clock);

        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.That(delay.IsCompleted, Is.False);

        _clock.Advance(TimeSpan.FromTicks(1));
        await delay;
    }

    [Test]
    public void A_cancellation_token_source_with_the_clock_is_cancelled_by_it()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromHours(1), _clock);

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.That(source.IsCancellationRequested);
    }

    [Test]
    public void Timers_fire_in_the_order_in_which_they_are_due_with_the_clock_at_their_time()
    {
        DateTimeOffset start = _clock.GetUtcNow();
        List<(string Name, TimeSpan At)> fired = [];
        using ITimer late = _clock.CreateTimer(_ => fired.Add(("late", _clock.GetUtcNow() - start)), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using ITimer periodic = _clock.CreateTimer(_ => fired.Add(("periodic", _clock.GetUtcNow() - start)), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.That(fired, Is.EqualTo(new[] { ("periodic", TimeSpan.FromSeconds(1)), ("late", TimeSpan.FromSeconds(3)), ("periodic", TimeSpan.FromSeconds(3)) }));
        Assert.That(_clock.GetUtcNow() - start, Is.EqualTo(TimeSpan.FromSeconds(4)));
        Assert.That(_clock.GetElapsedTime(0), Is.EqualTo(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public void A_timer_set_by_a_callback_fires_in_the_same_advance()
    {
        int fired = 0;
        using ITimer second = _clock.CreateTimer(_ => fired++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using ITimer first = _clock.CreateTimer(_ => second.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.That(fired, Is.EqualTo(1));
    }

    [Test]
    public void A_disposed_timer_does_not_fire()
    {
        bool fired = false;
        _clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan).Dispose();

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.That(fired, Is.False);
        Assert.That(_clock.TimerCount, Is.Zero);
    }

    [Test]
    public async Task Waiting_for_timers_ends_when_the_code_under_test_starts_to_wait()
    {
        Task twoTimers = _clock.WaitForTimersAsync(2);
        Task first = Task.Delay(TimeSpan.FromSeconds(1), _clock);
        Assert.That(twoTimers.IsCompleted, Is.False);

        Task second = Task.Delay(TimeSpan.FromSeconds(1), _clock);
        await twoTimers;

        _clock.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(first, second);
    }
}
