using System.Collections.Concurrent;
using CertOperator.Operator.Hosting;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting;

public sealed class Http01ResponderTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentDictionary<string, string> _store = new();
    private readonly ChangeSignal _changes = new();

    [Test]
    public async Task A_known_token_is_answered_at_once()
    {
        _store["known"] = "known.thumb";

        Assert.That(await Responder().FindAsync("known", CancellationToken.None), Is.EqualTo("known.thumb"));
    }

    [Test]
    public async Task A_token_that_comes_while_it_is_waited_for_is_answered()
    {
        var answer = Responder().FindAsync("late", CancellationToken.None).AsTask();
        _store["other"] = "other.thumb";
        _changes.Raise();
        _store["late"] = "late.thumb";
        _changes.Raise();

        Assert.That(await answer, Is.EqualTo("late.thumb"));
    }

    [Test]
    public async Task An_unknown_token_is_given_up_after_two_seconds()
    {
        var answer = Responder().FindAsync("never", CancellationToken.None).AsTask();
        await _time.WaitForTimersAsync();
        _time.Advance(TimeSpan.FromSeconds(1.9));
        var early = answer.IsCompleted;
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.That((early, await answer), Is.EqualTo((false, (string?)null)));
    }

    [Test]
    public async Task More_than_64_do_not_wait_at_once()
    {
        var responder = Responder();
        var waiting = Enumerable.Range(0, 64).Select(i => responder.FindAsync($"t{i}", CancellationToken.None).AsTask()).ToList();
        await _time.WaitForTimersAsync(64);

        var refused = responder.FindAsync("one-more", CancellationToken.None);
        var atOnce = refused.IsCompletedSuccessfully;
        _time.Advance(TimeSpan.FromSeconds(2));
        await Task.WhenAll(waiting);
        var next = responder.FindAsync("after", CancellationToken.None);

        Assert.That((atOnce, await refused, next.IsCompleted), Is.EqualTo((true, (string?)null, false)));
    }

    [Test]
    public async Task A_client_that_hangs_up_frees_its_place()
    {
        using var gone = new CancellationTokenSource();
        var answer = Responder().FindAsync("never", gone.Token).AsTask();
        await gone.CancelAsync();

        Assert.That(async () => await answer, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_time.TimerCount, Is.Zero);
    }

    private Http01Responder Responder() => new(token => _store.GetValueOrDefault(token), _changes, _time);
}
