using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Telemetry;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>
/// After a new master key was put first: has it seal the state of every policy, one after the other and not in a hurry, and says when no
/// other key is needed any more. Work of the leader. States are read by name, for the policies that are known.
/// </summary>
public sealed partial class MasterKeyRotation(ObjectStore<CertificateRenewalPolicy> policies, RenewalState state, IMasterKeys keys, CertOperatorMetrics metrics, TimeProvider time, ILogger<MasterKeyRotation> logger)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);

    /// <summary>Between two policies: ten thousand take a quarter of an hour.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(100);

    /// <summary>After a round that left something behind.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(5);

    private MasterKeyRing? _finished;
    private DateTimeOffset _notBefore;
    private string? _told;

    /// <summary>Looks for a change of the keys until the term is over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Meanwhile another replica may have led, and sealed with a key that this one has not seen yet.
        (_finished, _notBefore, _told) = (null, default, null);
        using var timer = new PeriodicTimer(LookInterval, time);
        try
        {
            do
            {
                await LookAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The term is over.
        }
        finally
        {
            metrics.SetStatesUnderOldKeys(null, 0);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var ring = await keys.FindAsync(cancellationToken);
            if (ring is null || ring.Keys.Count == 1)
            {
                // With one key there is nothing to seal again; a key of an earlier version of the operator waits for the next renewal.
                metrics.SetStatesUnderOldKeys(ring?.First.Id, 0);
                _finished = ring;
                return;
            }

            if (!ring.Equals(_finished) && time.GetUtcNow() >= _notBefore)
            {
                _notBefore = time.GetUtcNow() + AgainAfter;
                if (ring.First.Id != _told)
                {
                    metrics.SetStatesUnderOldKeys(null, 0);
                }

                await SealAllAsync(ring, cancellationToken);
            }
        }
        catch (Exception e) when (e is KubernetesException or MasterKeyException)
        {
            LogPutOff(e.Message);
        }
    }

    private async Task SealAllAsync(MasterKeyRing ring, CancellationToken cancellationToken)
    {
        var (changed, old) = (0, new Dictionary<string, int>(StringComparer.Ordinal));
        var unread = 0;
        foreach (var policy in policies.List())
        {
            try
            {
                var (now, written) = await state.SealAgainAsync(policy, cancellationToken);
                changed += written ? 1 : 0;
                foreach (var id in (now?.MasterKeys() ?? []).Where(id => id != ring.First.Id))
                {
                    old[id] = old.GetValueOrDefault(id) + 1;
                }
            }
            catch (Exception e) when (e is KubernetesException)
            {
                unread++;
                LogNotSealed(policy.Metadata.Namespace!, policy.Metadata.Name, e.Message);
            }

            await Task.Delay(Gap, time, cancellationToken);
        }

        _told = ring.First.Id;
        metrics.SetStatesUnderOldKeys(_told, old.Values.Sum() + unread);
        if (old.Count > 0 || unread > 0)
        {
            LogLeft(changed, ring.First.Id, string.Join(", ", old.Select(o => $"{o.Key} ({o.Value})").DefaultIfEmpty("none")), unread);
            return;
        }

        _finished = ring;
        LogFinished(changed, ring.First.Id, string.Join(", ", ring.Keys.Skip(1).Select(k => k.Id)));
    }

    [LoggerMessage(1, LogLevel.Information, "Master key {Key} seals every state Secret; {Changed} were sealed again. Nothing needs {Unused} any more: remove it.")]
    private partial void LogFinished(int changed, string key, string unused);

    [LoggerMessage(2, LogLevel.Warning, "{Changed} state Secrets were sealed again with master key {Key}. State Secrets that other keys seal and that do not open: {Others}. Not read: {Unread}. They are looked at again.")]
    private partial void LogLeft(int changed, string key, string others, int unread);

    [LoggerMessage(3, LogLevel.Warning, "The state of policy {Namespace}/{Policy} was not sealed again: {Message}")]
    private partial void LogNotSealed(string @namespace, string policy, string message);

    [LoggerMessage(4, LogLevel.Warning, "Whether master keys have changed is looked at again later: {Message}")]
    private partial void LogPutOff(string message);
}
