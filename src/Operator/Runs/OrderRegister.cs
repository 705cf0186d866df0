using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Runs;

/// <summary>Which order belongs to which run.</summary>
public sealed class OrderRegister(ObjectStore<CertificateRenewalRun> runs)
{
    public const string Index = "order";

    public static IEnumerable<string> OrdersOf(CertificateRenewalRun run) => run.Status?.Order is { Url.Length: > 0 } order ? [order.Url] : [];

    /// <summary>The order that a policy's certificate came from; null where its run is gone.</summary>
    public string? FindOf(CertificateRenewalRun run, string? fingerprint)
        => fingerprint is null ? null
            : runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(run)).FirstOrDefault(r => r.Status is { Order.Url.Length: > 0 } ended && ended.Certificate?.Fingerprint == fingerprint)?.Status!.Order!.Url;

    /// <summary>The order of the last run of the policy that placed one, where that run ended without a certificate; null where there is none.</summary>
    public string? FindUnfinishedOf(CertificateRenewalRun run)
        => runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(run))
            .Where(r => r.Metadata.Uid != run.Metadata.Uid && r.Status is { Order.Url.Length: > 0, FinishedAt: not null } && !RunModes.IsDry(r))
            .MaxBy(r => r.Status!.FinishedAt) is { Status: { Certificate: null, Order: { } order } } ? order.Url : null;

    /// <summary>Uids of runs of the policy that ended while they placed an order, since the last one that had placed it: what they asked for may be there all the same.</summary>
    public IReadOnlyList<string> FindLostOf(CertificateRenewalRun run)
        => [.. runs.ByIndex(RunIndexes.Policy, RunIndexes.PolicyKey(run))
            .Where(r => r.Metadata.Uid != run.Metadata.Uid && r.Status is { FinishedAt: not null } && !RunModes.IsDry(r))
            .OrderByDescending(r => r.Status!.FinishedAt)
            .TakeWhile(r => r.Status is { Certificate: null, Order: not { Url.Length: > 0 } })
            .Where(r => r.Status!.CurrentStep == StepName.PlaceOrder)
            .Select(r => r.Metadata.Uid!)];

    public bool IsTaken(string url, NamespacedName by) => runs.ByIndex(Index, url).Any(r => NamespacedName.Of(r) != by);
}
