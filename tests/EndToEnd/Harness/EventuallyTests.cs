using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

public sealed class EventuallyTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Test]
    public async Task It_gives_the_first_value_that_fits_and_reads_on_after_an_error()
    {
        int reads = 0;

        int value = await Eventually.GetAsync(
            _ => ++reads == 1 ? throw new IOException("not there yet") : Task.FromResult(reads),
            v => v >= 3,
            Long,
            "the third read");

        Assert.That(value, Is.EqualTo(3));
    }

    [Test]
    public async Task A_timeout_names_what_was_awaited_and_the_last_value()
    {
        TimeoutException? error = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.GetAsync(_ => Task.FromResult("Running"), v => v == "Succeeded", TimeSpan.FromMilliseconds(1), "the run"));

        Assert.That(error!.Message, Does.Contain("the run").And.Contain("Running"));
    }

    [Test]
    public async Task A_timeout_keeps_the_last_error()
    {
        TimeoutException? error = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.TrueAsync(() => throw new IOException("connection refused"), TimeSpan.FromMilliseconds(1), "the server"));

        Assert.That(error!.Message, Does.Contain("connection refused"));
        Assert.That(error.InnerException, Is.InstanceOf<IOException>());
    }

    [Test]
    public async Task Cancellation_is_not_taken_for_a_timeout()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        await Assert.ThrowsAsync<OperationCanceledException>(() => Eventually.TrueAsync(() => false, Long, "anything", cancelled.Token));
    }
}
