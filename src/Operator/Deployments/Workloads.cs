using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Deployments;

/// <summary>Reads and restarts workloads, each by its name.</summary>
public sealed class Workloads(IKubernetesClient client)
{
    /// <param name="kind">The workload's kind.</param>
    /// <param name="name">Its name.</param>
    /// <param name="mark">The annotation that says what its pods were restarted for.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Null where there is none.</returns>
    public Task<WorkloadState?> FindAsync(WorkloadKind kind, NamespacedName name, string mark, CancellationToken cancellationToken)
        => kind switch
        {
            WorkloadKind.Deployment => FindAsync(AppsResources.Deployments, name, mark, cancellationToken),
            WorkloadKind.StatefulSet => FindAsync(AppsResources.StatefulSets, name, mark, cancellationToken),
            _ => FindAsync(AppsResources.DaemonSets, name, mark, cancellationToken),
        };

    /// <summary>Marks the pod template, whereupon the workload's controller replaces the pods. The same value again changes nothing.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public Task<WorkloadState> RestartAsync(WorkloadKind kind, NamespacedName name, string mark, string value, CancellationToken cancellationToken)
        => kind switch
        {
            WorkloadKind.Deployment => RestartAsync(AppsResources.Deployments, name, mark, value, cancellationToken),
            WorkloadKind.StatefulSet => RestartAsync(AppsResources.StatefulSets, name, mark, value, cancellationToken),
            _ => RestartAsync(AppsResources.DaemonSets, name, mark, value, cancellationToken),
        };

    /// <summary>The resource as a role names it.</summary>
    public static string ResourceOf(WorkloadKind kind)
        => kind switch
        {
            WorkloadKind.Deployment => "deployments.apps",
            WorkloadKind.StatefulSet => "statefulsets.apps",
            _ => "daemonsets.apps",
        };

    private async Task<WorkloadState?> FindAsync<T>(ResourceDefinition<T> definition, NamespacedName name, string mark, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
        => await client.Resource(definition).FindAsync(name, cancellationToken) is { } workload ? StateOf(workload, mark) : null;

    private async Task<WorkloadState> RestartAsync<T>(ResourceDefinition<T> definition, NamespacedName name, string mark, string value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var template = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [mark] = value } } };
        var patch = Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["template"] = template } });
        return StateOf(await client.Resource(definition).PatchAsync(name, patch, null, cancellationToken), mark);
    }

    private static WorkloadState StateOf(IKubernetesObject workload, string mark)
    {
        var (template, rollout) = workload switch
        {
            Deployment deployment => (deployment.Spec.Template, RolloutRules.Of(deployment)),
            StatefulSet set => (set.Spec.Template, RolloutRules.Of(set)),
            DaemonSet set => (set.Spec.Template, RolloutRules.Of(set)),
            _ => throw new InvalidOperationException($"{workload.Kind} is no workload that can be restarted."),
        };
        return new WorkloadState(template?.Metadata?.Annotations?.GetValueOrDefault(mark), rollout);
    }
}
