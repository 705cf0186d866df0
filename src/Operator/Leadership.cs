using CertOperator.Kubernetes;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator;

/// <summary>What the one leading replica does: runs the controllers, and looks regularly for work that a lost timer would have forgotten.</summary>
/// <param name="work">All that there may be to do.</param>
/// <param name="controllers">What does it.</param>
/// <param name="background">What goes on beside it until the term is over; each ends when it is cancelled, and by nothing else.</param>
/// <param name="pulse">Tells whether the controllers take what the sweep has found.</param>
/// <param name="metrics">Where it is told.</param>
/// <param name="time">The clock.</param>
public sealed class Leadership(LeadersWork work, IReadOnlyList<Controller> controllers, IReadOnlyList<Func<CancellationToken, Task>> background, Pulse pulse, CertOperatorMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    public async Task LeadAsync(LeadershipTerm term)
    {
        work.StartOver();
        metrics.SetLeader(true);
        using var ended = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(term.Stopping, term.Lost, ended.Token);
        var beside = background.Select(b => b(stop.Token)).Append(SweepAsync(stop.Token)).ToList();
        try
        {
            await RunAllAsync(term);
        }
        finally
        {
            metrics.SetLeader(false);
            await ended.CancelAsync();
            await Task.WhenAll(beside);
        }
    }

    /// <summary>One controller that has broken down ends the others too: a process that does half of its work and keeps the Lease helps nobody.</summary>
    private async Task RunAllAsync(LeadershipTerm term)
    {
        using var broken = new CancellationTokenSource();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(term.Stopping, broken.Token);
        var running = controllers.Select(c => c.RunAsync(stopping.Token, term.Lost)).ToList();
        await foreach (var ended in Task.WhenEach(running))
        {
            if (ended.IsFaulted)
            {
                await broken.CancelAsync();
            }
        }

        await Task.WhenAll(running);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        try
        {
            do
            {
                work.EnqueueDue(time.GetUtcNow());
                pulse.Beat();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The term is over.
        }
    }
}
