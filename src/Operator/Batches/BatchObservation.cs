using CertOperator.Crds.Batches;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Batches;

/// <summary>Everything that the decision about a batch rests on, read at one time.</summary>
public sealed record BatchObservation
{
    public required CertificateRenewalBatch Batch { get; init; }

    /// <summary>One row per policy, as their runs stand now; null without a plan.</summary>
    public required IReadOnlyList<BatchRow>? Rows { get; init; }

    /// <summary>What keeps the batch from doing anything; null where nothing does.</summary>
    public required PolicyProblem? Refusal { get; init; }

    /// <summary>When the last run of the batch was made; null where none was.</summary>
    public DateTimeOffset? LastStart { get; init; }
}
