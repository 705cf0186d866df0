using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Batches;

/// <summary>Everything that the verdict about one policy of a batch rests on.</summary>
public sealed record BatchCandidate
{
    /// <summary>With what it inherits filled in.</summary>
    public required CertificateRenewalPolicy Policy { get; init; }

    /// <summary>Those of its namespace; null where there are none.</summary>
    public required CertificateRenewalSettings? Settings { get; init; }

    /// <summary>What it asks for, of the provider that a scheduled run would ask.</summary>
    public required PolicyResolution Resolution { get; init; }

    /// <summary>A run of it that is not finished.</summary>
    public CertificateRenewalRun? ActiveRun { get; init; }

    /// <summary>When a CA last issued a certificate for it.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    /// <summary>The least time between two certificates for its hostname is not over; null where it is, or was not looked at.</summary>
    public IssuanceWait? Cooldown { get; init; }

    /// <summary>What is known of the providers that it allows.</summary>
    public IReadOnlyDictionary<CertificateProviderKind, ProviderState> Providers { get; init; } = new Dictionary<CertificateProviderKind, ProviderState>();
}
