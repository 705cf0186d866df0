using CertOperator.Operator.Inventory;

namespace CertOperator.Operator.Telemetry;

/// <summary>What is known of Secrets that no policy manages.</summary>
public sealed record InventoryReport
{
    public static InventoryReport Empty { get; } = new();

    public IReadOnlyList<UnmanagedCertificate> Certificates { get; init; } = [];

    /// <summary>Secrets that a policy manages.</summary>
    public int Managed { get; init; }

    /// <summary>Secrets that no policy manages and that are not looked at, since there are too many.</summary>
    public int LeftOut { get; init; }

    /// <summary>When all Secrets were last seen; null before the first time.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>Requests that failed so far.</summary>
    public long Errors { get; init; }
}
