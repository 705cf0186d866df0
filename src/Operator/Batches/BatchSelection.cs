using System.Security.Cryptography;
using System.Text.Json;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Batches;

/// <summary>Which policies a batch is about, and whether it may be. Pure.</summary>
public static class BatchSelection
{
    public static IReadOnlyList<string> NamespacesOf(CertificateRenewalBatch batch)
        => batch.Spec.Namespaces is { Count: > 0 } named ? [.. named.Distinct(StringComparer.Ordinal)] : [batch.Metadata.Namespace!];

    /// <summary>What keeps a batch from doing anything; null where nothing does.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="settingsOf">The settings of a namespace.</param>
    public static PolicyProblem? Refusal(CertificateRenewalBatch batch, Func<string, CertificateRenewalSettings?> settingsOf)
    {
        var expressions = batch.Spec.Selector?.MatchExpressions ?? [];
        for (var i = 0; i < expressions.Count; i++)
        {
            var needsValues = expressions[i].Operator is LabelOperator.In or LabelOperator.NotIn;
            if (needsValues != expressions[i].Values is { Count: > 0 })
            {
                return new PolicyProblem(
                    BatchReasons.InvalidSpec,
                    $"spec.selector.matchExpressions[{i}]: operator {expressions[i].Operator} {(needsValues ? "needs values" : "takes no values")}. Make another batch that says so.");
            }
        }

        foreach (var ns in NamespacesOf(batch))
        {
            var problems = new List<string>();
            PriceList.Check(settingsOf(ns), problems.Add);
            if (problems.Count > 0 && StrategyOf(batch.Spec) == BatchStrategy.CostAware)
            {
                return new PolicyProblem(BatchReasons.InvalidSettings, $"Namespace {ns}: {string.Join(" ", problems)}");
            }
        }

        // Who made the batch is not known here: they may do in its own namespace what it says, and elsewhere what that namespace lets them.
        var own = batch.Metadata.Namespace!;
        var closed = NamespacesOf(batch).Where(ns => ns != own && settingsOf(ns)?.Spec.Batches?.AcceptFrom?.Contains(own) != true).ToList();
        return closed.Count == 0
            ? null
            : new PolicyProblem(
                BatchReasons.NamespaceNotAccepted,
                $"spec.namespaces: {string.Join(", ", closed)} {(closed.Count == 1 ? "does" : "do")} not accept batches of namespace {own}. Add {own} to spec.batches.acceptFrom of CertificateRenewalSettings default there, or leave {(closed.Count == 1 ? "it" : "them")} out.");
    }

    /// <summary>Whether a batch is about a policy, by its labels and the end of its certificate.</summary>
    public static bool Fits(BatchSpec spec, CertificateRenewalPolicy policy, DateTimeOffset now)
        => Fits(spec.Selector, policy.Metadata.Labels)
        && policy.Metadata.DeletionTimestamp is null
        && (spec.DaysUntilExpiry is not { } days || policy.Status?.NotAfter <= now.AddDays(days));

    public static bool Fits(BatchSelector? selector, IReadOnlyDictionary<string, string>? labels)
        => (selector?.MatchLabels ?? new Dictionary<string, string>()).All(w => labels?.GetValueOrDefault(w.Key) == w.Value)
        && (selector?.MatchExpressions ?? []).All(e => Holds(e, labels));

    /// <summary>Tells one plan from another: what a batch may not change once it has begun.</summary>
    public static string PlanHash(BatchSpec spec)
    {
        var key = new BatchPlanKey
        {
            Selector = spec.Selector,
            Namespaces = spec.Namespaces,
            DaysUntilExpiry = spec.DaysUntilExpiry,
            Strategy = StrategyOf(spec),
            Mode = ModeOf(spec),
        };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(key, CrdsJsonContext.Default.BatchPlanKey)))[..16];
    }

    public static BatchMode ModeOf(BatchSpec spec) => spec.Mode ?? BatchMode.DryRun;

    public static BatchStrategy StrategyOf(BatchSpec spec) => spec.Strategy ?? BatchStrategy.CostAware;

    /// <summary>As Kubernetes has it: an object without the label fulfils NotIn.</summary>
    private static bool Holds(LabelRequirement requirement, IReadOnlyDictionary<string, string>? labels)
    {
        var value = labels?.GetValueOrDefault(requirement.Key);
        return requirement.Operator switch
        {
            LabelOperator.In => value is not null && requirement.Values?.Contains(value) == true,
            LabelOperator.NotIn => value is null || requirement.Values?.Contains(value) != true,
            LabelOperator.Exists => value is not null,
            _ => value is null,
        };
    }
}
