using CertOperator.Kubernetes;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator;

/// <summary>What the one leading replica does: runs the controllers, and looks regularly for work that a lost timer would have forgotten.</summary>
public sealed class Leadership(LeadersWork work, IReadOnlyList<Controller> controllers, CertOperatorMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    public async Task LeadAsync(LeadershipTerm term)
    {
        work.StartOver();
        metrics.SetLeader(true);
        using var ended = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(term.Stopping, term.Lost, ended.Token);
        var sweeping = SweepAsync(stop.Token);
        try
        {
            await RunAllAsync(term);
        }
        finally
        {
            metrics.SetLeader(false);
            await ended.CancelAsync();
            await sweeping;
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
                var now = time.GetUtcNow();
                work.EnqueueDue(now);
                metrics.SchedulerSucceeded(now);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The term is over.
        }
    }
}
