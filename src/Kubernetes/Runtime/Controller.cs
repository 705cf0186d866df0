using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

/// <summary>
/// Takes keys from a work queue with a number of workers and has each reconciled. A failure puts the key into its
/// backoff, so that one which always fails costs the others nothing.
/// </summary>
public sealed partial class Controller
{
    private readonly ControllerOptions _options;
    private readonly IReconciler _reconciler;
    private readonly WorkQueue<NamespacedName> _queue;
    private readonly IControllerObserver _observer;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;

    public Controller(
        ControllerOptions options,
        IReconciler reconciler,
        WorkQueue<NamespacedName> queue,
        IControllerObserver observer,
        TimeProvider timeProvider,
        ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(reconciler);
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(timeProvider);
        options.Validate();
        _options = options;
        _reconciler = reconciler;
        _queue = queue;
        _observer = observer;
        _timeProvider = timeProvider;
        _logger = logger;
    }

    /// <summary>
    /// Works until it is asked to stop or the queue is shut down, and ends when no reconcile runs any more. The queue
    /// keeps its keys: what was interrupted is in it again, and a later call goes on there.
    /// </summary>
    /// <param name="stopping">Asks it to stop: no key is taken from now on, and running reconciles have <see cref="ControllerOptions.DrainTimeout"/> to end.</param>
    /// <param name="abort">Cancels running reconciles at once, such as when the leadership is lost.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort = default)
    {
        using var reconciling = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _timeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, abort);
        using CancellationTokenRegistration drain = stopping.UnsafeRegister(_ => reconciling.CancelAfter(_options.DrainTimeout), null);
        using CancellationTokenRegistration cut = abort.UnsafeRegister(_ => reconciling.Cancel(), null);

        Started(_options.Name, _options.Workers);
        Task[] workers = new Task[_options.Workers];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = Task.Run(() => WorkOrStopAllAsync(stop, reconciling.Token), CancellationToken.None);
        }

        await Task.WhenAll(workers);
        Stopped(_options.Name);
    }

    private async Task WorkOrStopAllAsync(CancellationTokenSource stop, CancellationToken reconciling)
    {
        try
        {
            await WorkAsync(stop.Token, reconciling);
        }
        catch
        {
            // Reconcilers cannot get here, only a fault in this program: better to end than to go on with fewer workers.
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task WorkAsync(CancellationToken stop, CancellationToken reconciling)
    {
        while (true)
        {
            NamespacedName key;
            try
            {
                key = await _queue.GetAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (WorkQueueClosedException)
            {
                return;
            }

            try
            {
                if (stop.IsCancellationRequested)
                {
                    // The key was handed over in the same moment.
                    _queue.Add(key);
                    return;
                }

                await ReconcileAsync(key, reconciling);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        long start = _timeProvider.GetTimestamp();
        ReconcileOutcome outcome;
        try
        {
            switch (await _reconciler.ReconcileAsync(key, cancellationToken))
            {
                case ReconcileResult.RequeueAfter(var delay):
                    _queue.Forget(key);
                    _queue.AddAfter(key, delay);
                    outcome = ReconcileOutcome.RequeueAfter;
                    break;
                default:
                    _queue.Forget(key);
                    outcome = ReconcileOutcome.Done;
                    break;
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whatever it threw, it was because of the end: no failure of the key, which comes again.
            _queue.Add(key);
            outcome = ReconcileOutcome.Interrupted;
            Interrupted(_options.Name, key);
        }
        catch (ConflictException e)
        {
            TimeSpan delay = _queue.AddRateLimited(key);
            outcome = ReconcileOutcome.Conflict;
            MetNewerVersion(e, _options.Name, key, delay.TotalSeconds);
        }
        catch (Exception e)
        {
            TimeSpan delay = _queue.AddRateLimited(key);
            outcome = ReconcileOutcome.Failed;
            Failed(e, _options.Name, key, _queue.NumRequeues(key), delay.TotalSeconds);
        }

        _observer.Reconciled(_options.Name, outcome, _timeProvider.GetElapsedTime(start));
    }
}
