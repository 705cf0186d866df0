using System.Collections.Concurrent;
using CertOperator.Crds;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Slo;

/// <summary>
/// Keeps the PrometheusRule of each namespace with policies as it should be. Besides those there is one key for all, <see cref="Survey"/>:
/// it finds out whether the cluster knows the kind, and looks over all objects with a single list now and then.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="stores">Policies and settings.</param>
/// <param name="queues">Where namespaces are put that need a look.</param>
/// <param name="namespaces">Those that the operator works in; empty for all.</param>
/// <param name="logger">Where it is told what people have to mend.</param>
public sealed partial class WorkspaceRulesReconciler(IKubernetesClient client, ResourceStores stores, Queues queues, IReadOnlyList<string> namespaces, ILogger<WorkspaceRulesReconciler> logger) : IReconciler
{
    /// <summary>Between two looks at all of it.</summary>
    public static readonly TimeSpan SurveyInterval = TimeSpan.FromMinutes(5);

    /// <summary>How soon a kind is noticed that is installed later, or a right that is granted: a look costs one request then.</summary>
    public static readonly TimeSpan MissingInterval = TimeSpan.FromSeconds(15);

    private readonly IResourceClient<PrometheusRule> _rules = client.Resource(MonitoringResources.PrometheusRules);
    private volatile bool _installed;
    private string? _said;

    /// <summary>What people were told of single objects: once, not with every survey.</summary>
    private readonly ConcurrentDictionary<NamespacedName, string> _saidOf = new();

    /// <summary>The key that stands for all namespaces.</summary>
    public static NamespacedName Survey { get; } = new("", "all");

    public static NamespacedName KeyOf(string @namespace) => new(@namespace, WorkspaceRules.Name);

    public async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (key == Survey)
        {
            return await SurveyAsync(cancellationToken);
        }

        // Where the kind is missing nothing is asked: the next survey finds the namespace.
        return _installed ? await TendAsync(key, cancellationToken) : ReconcileResult.Done.Instance;
    }

    private async Task<ReconcileResult> SurveyAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, PrometheusRule>(StringComparer.Ordinal);
        try
        {
            foreach (var @namespace in namespaces.DefaultIfEmpty(""))
            {
                var ours = new ListOptions { Namespace = @namespace, LabelSelector = $"{WellKnown.ManagedByLabel}={WellKnown.ManagedByValue}" };
                await foreach (var rule in _rules.ListAsync(ours, cancellationToken))
                {
                    if (rule.Metadata.Name == WorkspaceRules.Name)
                    {
                        found[rule.Metadata.Namespace!] = rule;
                    }
                }
            }

            _installed = true;
        }
        catch (NotFoundException)
        {
            _installed = false;
        }
        catch (ForbiddenException e)
        {
            _installed = false;
            Say(e.Message, LogForbidden);
        }

        if (_installed)
        {
            _said = null;
            var wanted = stores.Policies.List().Select(p => p.Metadata.Namespace!).ToHashSet(StringComparer.Ordinal);
            foreach (var @namespace in wanted.Union(found.Keys))
            {
                if (!wanted.Contains(@namespace) || !found.TryGetValue(@namespace, out var rule) || !WorkspaceRules.IsAsWanted(rule, Wanted(@namespace)))
                {
                    queues.Rules.Add(KeyOf(@namespace), WorkPriority.Low);
                }
            }
        }

        return new ReconcileResult.RequeueAfter(_installed ? SurveyInterval : MissingInterval);
    }

    private async Task<ReconcileResult> TendAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _rules.FindAsync(key, cancellationToken);
            if (found is not null && !WorkspaceRules.IsOurs(found))
            {
                SayOf(key, $"foreign {found.Metadata.Uid}", () => LogForeign(key.ToString()));
                return ReconcileResult.Done.Instance;
            }

            if (!stores.Policies.ByIndex(PolicyIndexes.Namespace, key.Namespace).Any())
            {
                await (found is null ? Task.CompletedTask : Deletion.TryDeleteAsync(_rules, found, cancellationToken));
            }
            else if (Wanted(key.Namespace) is var wanted && (found is null || !WorkspaceRules.IsAsWanted(found, wanted)))
            {
                await _rules.ApplyAsync(wanted, CertOperatorApi.FieldManager, force: true, cancellationToken);
            }

            _saidOf.TryRemove(key, out _);
        }
        catch (NotFoundException)
        {
            // The kind was removed meanwhile, or the namespace; the next survey sees which.
        }
        catch (Exception e) when (e is ForbiddenException or InvalidException)
        {
            SayOf(key, e.Message, () => LogRefused(key.ToString(), e.Message));
        }

        return ReconcileResult.Done.Instance;
    }

    private PrometheusRule Wanted(string @namespace) => WorkspaceRules.Of(@namespace, stores.SettingsOf(@namespace));

    /// <summary>Once, not with every survey.</summary>
    private void Say(string message, Action<string> log)
    {
        if (_said != message)
        {
            _said = message;
            log(message);
        }
    }

    private void SayOf(NamespacedName key, string what, Action log)
    {
        if (_saidOf.GetValueOrDefault(key) != what)
        {
            _saidOf[key] = what;
            log();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "No PrometheusRule is written: {Message} Grant the operator list, get, create, patch and delete on prometheusrules of monitoring.coreos.com, or set --prometheus-rules to false.")]
    private partial void LogForbidden(string message);

    [LoggerMessage(2, LogLevel.Warning, "PrometheusRule {Name} was not made by the operator and is left alone. Rename it, or delete it if nothing needs it; until then the alerts for this namespace are those of the fleet.")]
    private partial void LogForeign(string name);

    [LoggerMessage(3, LogLevel.Warning, "PrometheusRule {Name} is not written: {Message} Correct spec.slo of CertificateRenewalSettings default there, or lift the rule that stands in the way. It is tried again with the next look at all of them.")]
    private partial void LogRefused(string name, string message);
}
