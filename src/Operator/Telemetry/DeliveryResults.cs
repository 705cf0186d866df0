namespace CertOperator.Operator.Telemetry;

/// <summary>Values of the label <c>result</c> of deliveries.</summary>
public static class DeliveryResults
{
    public const string Delivered = "delivered";

    /// <summary>It is tried again by itself.</summary>
    public const string Failed = "failed";

    /// <summary>It is tried again when something changes.</summary>
    public const string DeadLetter = "dead_letter";

    public static IReadOnlyList<string> All { get; } = [Delivered, Failed, DeadLetter];
}
