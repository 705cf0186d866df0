using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Deployments;

/// <summary>The rows of a run's deployment under change.</summary>
public sealed class DeployProgress(RunDeployment? before)
{
    private readonly List<WorkloadRollout> _restarts = [.. before?.Restarts ?? []];
    private readonly List<TargetUpload> _targets = [.. before?.Targets ?? []];
    private readonly List<WebhookDelivery> _webhooks = [.. before?.Webhooks ?? []];

    /// <summary>What has been done, in one sentence.</summary>
    public string Summary
        => string.Join(' ', [.. _restarts.Select(r => $"{r.Kind} {r.Name} {r.Message}."), .. _targets.Where(t => t.FinishedAt is not null).Select(t => $"{t.RemoteId} has the pair."), .. _webhooks.Count == 0 ? Array.Empty<string>() : [$"Told {string.Join(", ", _webhooks.Select(w => w.Host))}."]]);

    public WorkloadRollout Of(ResolvedRestart restart)
        => _restarts.Find(r => r.Kind == restart.Kind && r.Name == restart.Name) ?? new WorkloadRollout { Kind = restart.Kind, Name = restart.Name };

    public TargetUpload Of(ResolvedDeployTarget target) => _targets.Find(t => t.Target == target.Id) ?? new TargetUpload { Target = target.Id };

    public bool IsDelivered(string id) => _webhooks.Exists(w => w.Id == id && w.DeliveredAt is not null);

    public void Set(WorkloadRollout row) => Set(_restarts, r => r.Kind == row.Kind && r.Name == row.Name, row);

    public void Set(TargetUpload row) => Set(_targets, t => t.Target == row.Target, row);

    public void Set(WebhookDelivery row) => Set(_webhooks, w => w.Id == row.Id, row);

    public RunDeployment ToStatus()
        => new()
        {
            Restarts = _restarts.Count == 0 ? null : [.. _restarts],
            Targets = _targets.Count == 0 ? null : [.. _targets],
            Webhooks = _webhooks.Count == 0 ? null : [.. _webhooks],
        };

    private static void Set<T>(List<T> rows, Predicate<T> same, T row)
    {
        var index = rows.FindIndex(same);
        if (index < 0)
        {
            rows.Add(row);
        }
        else
        {
            rows[index] = row;
        }
    }
}
