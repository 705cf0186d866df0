using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Pki;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Authorities;

/// <summary>Looks after the CAs that look after themselves. The key is the name of the CA's Secret.</summary>
public sealed partial class PrivateRootReconciler(PrivateRootStore roots, ResourceStores stores, IEventRecorder events, TimeProvider time, ILogger<PrivateRootReconciler> logger) : IReconciler
{
    /// <summary>A whole life has seven actions; more is a fault that must not spin.</summary>
    private const int MaxMoves = 12;

    /// <summary>The Secret of the CA that a policy has the operator look after; null without one.</summary>
    public static NamespacedName? KeyOf(CertificateRenewalPolicy policy, ResourceStores stores)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(stores);
        return IssuerOf(policy, stores) is { Root: not null } issuer ? new NamespacedName(policy.Metadata.Namespace!, issuer.SecretName) : null;
    }

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        for (var move = 0; move < MaxMoves; move++)
        {
            // Where policies differ, the oldest one decides; the CA must not depend on which was looked at last.
            var (user, root) = stores.Policies.ByIndex(PolicyIndexes.Namespace, key.Namespace)
                .Select(p => (Policy: p, Issuer: IssuerOf(p, stores)))
                .Where(u => u.Issuer?.SecretName == key.Name && u.Issuer.Root is not null)
                .OrderBy(u => u.Policy.Metadata.CreationTimestamp)
                .ThenBy(u => u.Policy.Metadata.Name, StringComparer.Ordinal)
                .Select(u => (u.Policy, u.Issuer!.Root))
                .FirstOrDefault();
            if (root is null)
            {
                return ReconcileResult.Done.Instance;
            }

            if (await ActAsync(key, root, user, cancellationToken) is { } wait)
            {
                return new ReconcileResult.RequeueAfter(wait);
            }
        }

        throw new InvalidOperationException($"CA {key} made {MaxMoves} moves without coming to rest.");
    }

    /// <returns>Null to look again at once.</returns>
    private async Task<TimeSpan?> ActAsync(NamespacedName key, PrivateRoot root, CertificateRenewalPolicy user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var secret = await roots.FindAsync(key, cancellationToken);
        if (secret is not null && !PrivateRootState.IsOwn(secret))
        {
            LogForeign(key.ToString());
            return PrivateRootDecider.LongestWait;
        }

        PrivateRootState? state;
        try
        {
            state = secret is null ? null : PrivateRootState.Read(secret, now);
        }
        catch (PkiException e)
        {
            LogSpoilt(key.ToString(), e.Message);
            return PrivateRootDecider.LongestWait;
        }

        var bundle = new NamespacedName(key.Namespace, root.BundleName);
        var map = await roots.FindBundleAsync(bundle, cancellationToken);
        if (PrivateRootStore.BundleObstacle(map, key.Name) is { } obstacle)
        {
            // A successor that cannot be published must not sign; a CA that nobody could trust is not made.
            LogObstacle(key.ToString(), obstacle);
            events.Record(user, EventType.Warning, PolicyReasons.TrustBundleForeign, "Publish", obstacle);
            return PrivateRootDecider.LongestWait;
        }

        var action = PrivateRootDecider.Decide(state, root, map?.Data?.GetValueOrDefault(PrivateRootStore.BundleKey), now);
        switch (action)
        {
            case PrivateRootAction.Wait wait:
                return wait.For;

            case PrivateRootAction.Make:
                await roots.EnsureAsync(key, root, cancellationToken);
                break;

            case PrivateRootAction.Publish publish:
                await roots.WriteBundleAsync(bundle, key.Name, map, publish.Bundle, cancellationToken);
                break;

            case PrivateRootAction.Prepare:
                await roots.UpdateAsync(PrivateRootState.WithNext(secret!, root.CreatePair(now)), cancellationToken);
                break;

            case PrivateRootAction.NoteTrust:
                await roots.UpdateAsync(PrivateRootState.WithTrust(secret!, now), cancellationToken);
                break;

            case PrivateRootAction.NoteDistrust:
                await roots.UpdateAsync(PrivateRootState.WithoutTrust(secret!), cancellationToken);
                break;

            case PrivateRootAction.Activate:
                await roots.UpdateAsync(PrivateRootState.Activated(secret!), cancellationToken);
                break;

            case PrivateRootAction.Retire:
                await roots.UpdateAsync(PrivateRootState.Retired(secret!, now), cancellationToken);
                break;

            default:
                throw new InvalidOperationException($"Unknown action {action.GetType().Name}.");
        }

        LogDone(key.ToString(), action.GetType().Name, state?.Active.Subject ?? root.CommonName);
        return null;
    }

    private static ResolvedPrivateCaIssuer? IssuerOf(CertificateRenewalPolicy policy, ResourceStores stores)
    {
        var settings = stores.SettingsOf(policy.Metadata.Namespace!);
        var filled = InheritedDefaults.Fill(policy, settings);
        return ProviderChoice.CandidatesOf(filled.Spec).Contains(CertificateProviderKind.PrivateCa) ? PrivateCaIssuerResolver.Resolve(filled, settings, _ => { }) : null;
    }

    [LoggerMessage(1, LogLevel.Information, "CA {Key}: {Action} is done; {Subject}.")]
    private partial void LogDone(string key, string action, string subject);

    [LoggerMessage(2, LogLevel.Warning, "Secret {Key} holds a CA that the operator did not make, so it is neither renewed nor published. Remove privateCa.root from the configuration, or name a Secret that does not exist.")]
    private partial void LogForeign(string key);

    [LoggerMessage(3, LogLevel.Warning, "Secret {Key} is left alone: {Message} Restore it from a backup.")]
    private partial void LogSpoilt(string key, string message);

    [LoggerMessage(4, LogLevel.Warning, "The trust bundle of CA {Key} is not published. {Message}")]
    private partial void LogObstacle(string key, string message);
}
