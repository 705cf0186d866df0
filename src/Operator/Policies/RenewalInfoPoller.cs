using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Issuance;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Policies;

/// <summary>Asks the CA when to renew (RFC 9773), as often as it wants to be asked. A CA that does not answer changes nothing.</summary>
public sealed partial class RenewalInfoPoller(IAcmeAuthority authority, TimeProvider timeProvider, ILogger<RenewalInfoPoller> logger)
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromHours(6);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(7);

    /// <summary>Advice is not worth more: while a CA hangs, the worker that asks it looks after no other policy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<PolicyStatus> RefreshAsync(PolicyStatus status, ResolvedIssuer resolved, CertificateSummary certificate, PolicyMemory memory, CancellationToken cancellationToken)
    {
        if (resolved is not ResolvedAcmeIssuer { UseRenewalInfo: true } issuer || certificate.RenewalInfoId is not { } id)
        {
            return status with { RenewalInfo = null };
        }

        // The window of a replaced certificate must not be taken for that of its successor.
        // And what the CA said counts also where it could not be written down.
        var current = new[] { status.RenewalInfo, memory.RenewalInfo }.Where(i => i?.CertificateId == id).MaxBy(i => i!.NextPoll);
        status = status with { RenewalInfo = current };
        var now = timeProvider.GetUtcNow();

        // What lies further ahead than the longest wait was written by a clock that was wrong.
        if (current is null ? memory.RenewalInfoDue > now && memory.RenewalInfoFor == id : current.NextPoll > now && current.NextPoll <= now + LongestInterval)
        {
            return status;
        }

        memory.RenewalInfoFor = id;
        memory.RenewalInfoDue = now + ShortestInterval;
        using var timeout = new CancellationTokenSource(Patience, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            if (await authority.SuggestRenewalAsync(issuer.Server, issuer.CaBundle, id, either.Token) is { } suggestion)
            {
                var wait = suggestion.RetryAfter ?? DefaultInterval;
                memory.RenewalInfo = new RenewalInfoStatus
                {
                    CertificateId = id,
                    WindowStart = suggestion.Start,
                    WindowEnd = suggestion.End,
                    ExplanationUrl = suggestion.ExplanationUrl,
                    NextPoll = now + TimeSpan.FromTicks(Math.Clamp(wait.Ticks, ShortestInterval.Ticks, LongestInterval.Ticks)),
                };
                return status with { RenewalInfo = memory.RenewalInfo };
            }

            memory.RenewalInfoDue = now + DefaultInterval;
            return status;
        }
        catch (IssuanceException e)
        {
            return Unavailable(e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unavailable($"no answer within {Patience.TotalSeconds:0} s");
        }

        PolicyStatus Unavailable(string why)
        {
            LogUnavailable(issuer.Server.Host, why);
            return current is null ? status : status with { RenewalInfo = current with { NextPoll = now + ShortestInterval } };
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Server} did not say when to renew and is asked again in an hour: {Message}")]
    private partial void LogUnavailable(string server, string message);
}
