using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>Who holds a Lease, and until when.</summary>
public sealed class LeaseSpec
{
    /// <summary>Empty or null when nobody holds the lease.</summary>
    public string? HolderIdentity { get; set; }

    /// <summary>Seconds after <see cref="RenewTime"/> at which others may take the lease; at least 1.</summary>
    public int? LeaseDurationSeconds { get; set; }

    [JsonConverter(typeof(KubernetesMicroTimeConverter))]
    public DateTimeOffset? AcquireTime { get; set; }

    [JsonConverter(typeof(KubernetesMicroTimeConverter))]
    public DateTimeOffset? RenewTime { get; set; }

    public int? LeaseTransitions { get; set; }

    /// <summary>Written by coordinated leader election of newer servers; kept so that an update does not drop it.</summary>
    public string? Strategy { get; set; }

    /// <summary>See <see cref="Strategy"/>.</summary>
    public string? PreferredHolder { get; set; }
}
