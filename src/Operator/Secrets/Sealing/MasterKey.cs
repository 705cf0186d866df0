namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>A key that the keys for namespaces are derived from.</summary>
/// <param name="Id">What a sealed value names it by; no secret.</param>
/// <param name="Material">32 random bytes.</param>
public sealed record MasterKey(string Id, byte[] Material)
{
    public const int MaterialBytes = 32;

    /// <summary>How it is written where it is kept; null for one that is kept in plain text.</summary>
    public string? Wrapped { get; init; }

    // The text that records write of themselves would show the key.
    public override string ToString() => $"MasterKey {Id}";
}
