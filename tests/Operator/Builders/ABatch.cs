using CertOperator.Crds.Batches;
using CertOperator.Kubernetes;
using CertOperator.Operator.Batches;

namespace CertOperator.Operator.Tests.Builders;

/// <summary>Batches that are right in every respect; a test changes the one thing that it is about.</summary>
internal static class ABatch
{
    public const string Uid = "99999999-2222-3333-4444-555555555555";

    public static BatchSpec Spec => new() { Mode = BatchMode.Live, MaxConcurrent = 3 };

    public static CertificateRenewalBatch Of(BatchSpec? spec = null, BatchStatus? status = null)
        => new()
        {
            Metadata = new ObjectMeta { Name = "spring", Namespace = "shop", Uid = Uid, Generation = 1, CreationTimestamp = A.Now.AddMinutes(-1), ResourceVersion = "30" },
            Spec = spec ?? Spec,
            Status = status,
        };

    /// <summary>One that has begun.</summary>
    public static CertificateRenewalBatch Running(BatchSpec? spec = null, BatchPhase phase = BatchPhase.Running)
        => Of(spec, new BatchStatus { Phase = phase, PlanHash = BatchSelection.PlanHash(spec ?? Spec), PlannedAt = A.Now.AddMinutes(-1), StartedAt = A.Now.AddMinutes(-1) });

    public static BatchRow Row(BatchRowState state, string policy = "www", string? run = null)
        => new()
        {
            Namespace = "shop",
            Policy = policy,
            Hostname = $"{policy}.example.com",
            State = state,
            Provider = Crds.Policies.CertificateProviderKind.Acme,
            CostEstimate = new Crds.Money { Amount = "1.5", Currency = "USD" },
            Run = run ?? (state is BatchRowState.Waiting or BatchRowState.Skipped ? null : $"{policy}-1"),
            StartedAt = state is BatchRowState.Waiting or BatchRowState.Skipped ? null : A.Now.AddSeconds(-10),
        };

    /// <summary>Rows in the given states, each of a policy of its own.</summary>
    public static IReadOnlyList<BatchRow> Rows(params IReadOnlyList<BatchRowState> states) => [.. states.Select((s, i) => Row(s, $"p{i}"))];
}
