using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Inventory;

/// <summary>Makes the rows of the inventory. Pure.</summary>
public static class InventoryEntries
{
    /// <param name="policy">The policy.</param>
    /// <param name="spec">Its spec with what it inherits.</param>
    public static InventoryEntry Of(CertificateRenewalPolicy policy, PolicySpec spec)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(spec);
        var provider = ProviderChoice.PrimaryOf(spec);
        var obstacle = AutomaticRenewal.Obstacle(policy, provider) ?? Trouble(policy.Status);
        return new InventoryEntry
        {
            Namespace = policy.Metadata.Namespace!,
            Secret = policy.Spec.SecretName,
            Hostname = policy.Spec.Hostname,
            Issuer = policy.Status?.IssuedBy,
            NotBefore = policy.Status?.NotBefore,
            NotAfter = policy.Status?.NotAfter,
            RenewalTime = policy.Status?.RenewalTime,
            RenewedBy = obstacle is null ? InventoryEntry.Operator : Renewers.Nobody,
            Note = obstacle ?? (policy.Status?.ConsecutiveFailures > 0 ? "renewal fails" : null),
            Policy = policy.Metadata.Name,
            Provider = LabelNames<CertificateProviderKind>.Of(policy.Status?.Provider ?? provider),
        };
    }

    public static InventoryEntry Of(UnmanagedCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var secret = certificate.Secret;
        return new InventoryEntry
        {
            Namespace = secret.Name.Namespace,
            Secret = secret.Name.Name,
            Hostname = certificate.Hostname,
            Issuer = certificate.Issuer,
            NotBefore = certificate.NotBefore,
            NotAfter = certificate.NotAfter,
            RenewedBy = secret.RenewedBy,
            Note = certificate.Unreadable is { } reason ? $"not readable: {reason}" : secret.Renewer ?? "no policy",
        };
    }

    /// <summary>What ends first comes first; what has no end that is known comes last.</summary>
    public static IReadOnlyList<InventoryEntry> Sorted(IEnumerable<InventoryEntry> entries)
        => [.. entries
            .OrderBy(e => e.NotAfter ?? DateTimeOffset.MaxValue)
            .ThenBy(e => e.Namespace, StringComparer.Ordinal)
            .ThenBy(e => e.Secret, StringComparer.Ordinal)
            .ThenBy(e => e.Policy, StringComparer.Ordinal)];

    /// <summary>What holds renewal up although nobody has turned it off.</summary>
    private static string? Trouble(PolicyStatus? status)
        => PolicyStatusFacts.Stalled(status) is { } stalled ? $"stalled: {stalled.Reason}"
            : status?.Phase == PolicyPhase.NeedsManual ? "needs a person"
            : null;
}
