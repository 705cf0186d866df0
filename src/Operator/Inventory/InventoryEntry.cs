using System.Text.Json.Serialization;
using CertOperator.Crds;

namespace CertOperator.Operator.Inventory;

/// <summary>One certificate of the inventory, managed or not.</summary>
public sealed record InventoryEntry
{
    /// <summary>The value of <see cref="RenewedBy"/> where a policy does it.</summary>
    public const string Operator = "certoperator";

    public required string Namespace { get; init; }

    public required string Secret { get; init; }

    public string? Hostname { get; init; }

    public string? Issuer { get; init; }

    [JsonConverter(typeof(UtcSecondsConverter))]
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Null as long as there is no certificate, and where it cannot be read.</summary>
    [JsonConverter(typeof(UtcSecondsConverter))]
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>When the policy renews it next.</summary>
    [JsonConverter(typeof(UtcSecondsConverter))]
    public DateTimeOffset? RenewalTime { get; init; }

    /// <summary>Who renews it without being asked: certoperator, or one of <see cref="Renewers"/>.</summary>
    public required string RenewedBy { get; init; }

    /// <summary>Why nobody does, or who does in particular.</summary>
    public string? Note { get; init; }

    /// <summary>Null where no policy manages it.</summary>
    public string? Policy { get; init; }

    /// <summary>That of the policy.</summary>
    public string? Provider { get; init; }
}
