using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

/// <summary>
/// Lets one of several processes lead, by a Lease that it renews. Whether a Lease is still alive is judged by when this
/// process saw it change, never by the times written in it, so that clocks may differ.
/// </summary>
/// <remarks>
/// A leader counts its time from before it sent its last successful renewal; the others count from after they saw it. A
/// request that hangs does not delay the end. So a leader is told to stop before anyone else may lead, as long as
/// clocks run about equally fast.
/// </remarks>
public sealed partial class LeaderElector
{
    private readonly LeaderElectionOptions _options;
    private readonly LeaseLock _lock;
    private readonly TimeProvider _timeProvider;
    private readonly Jitter _jitter;
    private readonly ILogger _logger;
    private volatile LeaseObservation? _observation;
    private long _renewedAt;
    private volatile bool _leading;

    public LeaderElector(IResourceClient<Lease> client, LeaderElectionOptions options, TimeProvider timeProvider, Random random, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _lock = new LeaseLock(client, options, timeProvider);
        _timeProvider = timeProvider;
        _jitter = new Jitter(random);
        _logger = logger;
    }

    /// <summary>This process leads, and its last renewal is not too old. Also right when the process was frozen in between.</summary>
    public bool IsLeader => _leading && RemainingTime() > TimeSpan.Zero;

    /// <summary>The identity of the leader as last seen; null if none was.</summary>
    public string? CurrentLeader => _observation?.Holder is { Length: > 0 } holder ? holder : null;

    /// <summary>
    /// Waits for the Lease, runs the work while it is held, and waits again after a loss. When it is cancelled, the work
    /// is asked to end, the Lease is renewed until it has ended, and then given back.
    /// </summary>
    /// <param name="lead">The work of a leader. If it returns without being asked to, this method gives the Lease back and returns.</param>
    /// <param name="cancellationToken">Asks for the end.</param>
    /// <exception cref="Exception">What <paramref name="lead"/> threw without having been asked to end; the Lease was given back.</exception>
    public async Task RunAsync(Func<LeadershipTerm, Task> lead, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lead);
        while (await AcquireAsync(cancellationToken))
        {
            if (await LeadAsync(lead, cancellationToken))
            {
                return;
            }
        }
    }

    /// <returns>False if it was cancelled; then the Lease is not held.</returns>
    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        Waiting(_options.Key, _options.Identity);
        while (!cancellationToken.IsCancellationRequested)
        {
            // Not cancelled with the token: a write that was already on its way would leave a Lease that nobody gives back.
            LeaseAttemptOutcome outcome = await AttemptAsync(_options.AttemptTimeout, CancellationToken.None);
            if (outcome == LeaseAttemptOutcome.Held)
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    return true;
                }

                await ReleaseAsync();
                return false;
            }

            TimeSpan wait = _jitter.Between(_options.RetryPeriod, _options.RetryPeriod * 1.2);
            if (outcome == LeaseAttemptOutcome.HeldByOther && _observation is { } seen && _lock.UntilExpiry(seen) is var expiry && expiry < wait)
            {
                wait = expiry > TimeSpan.Zero ? expiry : TimeSpan.Zero;
            }

            await Task.Delay(wait, _timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <returns>Whether the election is over: the work ended by itself, or as asked by the token.</returns>
    private async Task<bool> LeadAsync(Func<LeadershipTerm, Task> lead, CancellationToken cancellationToken)
    {
        using var lost = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _timeProvider);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost.Token);
        using var ended = new CancellationTokenSource();
        ExtendTerm(lost);
        _leading = true;
        Leading(_options.Key, _options.Identity);

        Task renewing = RenewAsync(lost, ended.Token);
        Task leading = Task.Run(() => lead(new LeadershipTerm(stopping.Token, lost.Token)), CancellationToken.None);
        Task overrun = Task.CompletedTask;
        using CancellationTokenRegistration end = lost.Token.UnsafeRegister(
            _ =>
            {
                _leading = false;
                overrun = WatchOverrunAsync(leading);
            },
            null);
        try
        {
            await leading;
        }
        catch (Exception e) when (stopping.IsCancellationRequested)
        {
            if (e is not OperationCanceledException)
            {
                EndedWithFailure(e, _options.Key);
            }
        }
        finally
        {
            _leading = false;
            await ended.CancelAsync();
            await renewing;
            await overrun;
            if (lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                Lost(_options.Key, _options.Identity);
            }
            else
            {
                await ReleaseAsync();
            }
        }

        return cancellationToken.IsCancellationRequested || !lost.IsCancellationRequested;
    }

    private async Task RenewAsync(CancellationTokenSource lost, CancellationToken ended)
    {
        while (true)
        {
            await Task.Delay(_options.RetryPeriod, _timeProvider, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            TimeSpan remaining = RemainingTime();
            if (ended.IsCancellationRequested || lost.IsCancellationRequested || remaining <= TimeSpan.Zero)
            {
                return;
            }

            switch (await AttemptAsync(remaining < _options.AttemptTimeout ? remaining : _options.AttemptTimeout, ended))
            {
                case LeaseAttemptOutcome.Held:
                    ExtendTerm(lost);
                    break;
                case LeaseAttemptOutcome.HeldByOther:
                    _leading = false;
                    await lost.CancelAsync();
                    return;
            }
        }
    }

    private async Task<LeaseAttemptOutcome> AttemptAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        long start = _timeProvider.GetTimestamp();
        using var deadline = new CancellationTokenSource(timeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // The second wait is for a request that does not heed its token.
            LeaseAttempt attempt = await _lock.TryAcquireOrRenewAsync(_observation, either.Token).WaitAsync(either.Token);
            if (attempt.Observation?.Holder is { Length: > 0 } holder && holder != CurrentLeader)
            {
                SawLeader(_options.Key, holder);
            }

            _observation = attempt.Observation;
            if (attempt.Outcome == LeaseAttemptOutcome.Held)
            {
                Volatile.Write(ref _renewedAt, start);

                // Held, but known so late that the term is over already.
                return RemainingTime() > TimeSpan.Zero ? LeaseAttemptOutcome.Held : LeaseAttemptOutcome.Failed;
            }

            return attempt.Outcome;
        }
        catch (Exception e)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                AttemptFailed(_options.Key, deadline.IsCancellationRequested ? $"no answer within {timeout.TotalSeconds} s" : e.Message);
            }

            return LeaseAttemptOutcome.Failed;
        }
    }

    private async Task ReleaseAsync()
    {
        using var deadline = new CancellationTokenSource(_options.AttemptTimeout, _timeProvider);
        try
        {
            if (await _lock.ReleaseAsync(_observation?.Lease, deadline.Token).WaitAsync(deadline.Token))
            {
                Released(_options.Key, _options.Identity);
            }

            _observation = null;
        }
        catch (Exception e)
        {
            ReleaseFailed(_options.Key, _options.LeaseDuration.TotalSeconds, e.Message);
        }
    }

    /// <summary>Says so when the work goes on although another process may lead by now.</summary>
    private async Task WatchOverrunAsync(Task leading)
    {
        await leading.WaitAsync(_options.LeaseDuration - _options.RenewDeadline, _timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!leading.IsCompleted)
        {
            Overrun(_options.Key, _options.Identity);
        }
    }

    private TimeSpan RemainingTime() => _options.RenewDeadline - _timeProvider.GetElapsedTime(Volatile.Read(ref _renewedAt));

    private void ExtendTerm(CancellationTokenSource lost)
    {
        TimeSpan remaining = RemainingTime();
        lost.CancelAfter(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero);
    }
}
