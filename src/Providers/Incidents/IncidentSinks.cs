using System.Collections.Concurrent;
using System.Globalization;
using CertOperator.Providers.Egress;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Polly.Timeout;

namespace CertOperator.Providers.Incidents;

/// <summary>
/// Has each receiver told by the sink of its kind. A try is cut off after a time, and a receiver that fails again and again is left
/// alone for a while: the few workers there are belong to the receivers of all namespaces.
/// </summary>
public sealed class IncidentSinks(EgressHttpClients clients, EgressDialer dialer, TimeProvider timeProvider) : IIncidentSinks, IDisposable
{
    /// <summary>How long one try may take.</summary>
    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(15);

    /// <summary>How long a receiver is left alone.</summary>
    public static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(30);

    /// <summary>Failures within a minute, without a success, before it is.</summary>
    public const int FailuresBeforeBreak = 5;

    private readonly ResiliencePipelineRegistry<string> _pipelines = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _leftAlone = new(StringComparer.Ordinal);
    private readonly MessagePoster _poster = new(clients, timeProvider);

    public TimeSpan? LeftAloneFor(string receiver)
        => _leftAlone.TryGetValue(receiver, out var until) && until - timeProvider.GetUtcNow() is var left && left > TimeSpan.Zero ? left : null;

    public async Task<DeliveryOutcome> DeliverAsync(string receiver, IncidentTarget target, IncidentNotice notice, CancellationToken cancellationToken)
    {
        var sink = SinkFor(target);
        try
        {
            await _pipelines.GetOrAddPipeline(receiver, Configure).ExecuteAsync(async ct => await sink.DeliverAsync(notice, ct), cancellationToken);
            return new DeliveryOutcome.Delivered();
        }
        catch (IncidentDeliveryException e)
        {
            return e.CanRetry ? new DeliveryOutcome.Retry(e.Message, e.RetryAfter) : new DeliveryOutcome.Refused(e.Message);
        }
        catch (TimeoutRejectedException)
        {
            return new DeliveryOutcome.Retry(string.Create(CultureInfo.InvariantCulture, $"The receiver did not take the message within {TryTimeout.TotalSeconds} s."), null);
        }
        catch (BrokenCircuitException e)
        {
            var wait = e.RetryAfter ?? BreakDuration;
            _leftAlone[receiver] = timeProvider.GetUtcNow() + wait;
            return new DeliveryOutcome.Postponed(wait);
        }
    }

    public void Dispose() => _pipelines.Dispose();

    private IIncidentSink SinkFor(IncidentTarget target) => target switch
    {
        IncidentTarget.PagerDuty pagerDuty => new PagerDutySink(_poster, pagerDuty),
        IncidentTarget.Webhook webhook => new WebhookSink(_poster, webhook, timeProvider),
        IncidentTarget.Slack slack => new SlackSink(_poster, slack),
        IncidentTarget.Mail mail => new MailSink(dialer, mail, timeProvider),
        _ => throw new ArgumentException($"There is no sink for {target.GetType().Name}.", nameof(target)),
    };

    private void Configure(ResiliencePipelineBuilder builder)
    {
        builder.TimeProvider = timeProvider;
        builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 1,
                MinimumThroughput = FailuresBeforeBreak,
                SamplingDuration = TimeSpan.FromMinutes(1),
                BreakDuration = BreakDuration,
                ShouldHandle = new PredicateBuilder().Handle<TimeoutRejectedException>().Handle<IncidentDeliveryException>(e => e.CanRetry),
            })
            .AddTimeout(TryTimeout);
    }
}
