namespace CertOperator.Providers.Pki;

/// <summary>Sizes in bytes of PEM text that are checked before anything is decoded. The defaults fit 250 names in a certificate.</summary>
public sealed record PemLimits
{
    /// <summary>Limits for what a CA sends: nothing but PEM blocks (RFC 8555, section 9.1).</summary>
    public static readonly PemLimits Issued = new();

    /// <summary>Limits for what people store: text between the blocks is passed over, as TLS servers do.</summary>
    public static readonly PemLimits Stored = new() { AllowExplanatoryText = true };

    /// <summary>One certificate; 36,500.</summary>
    public int LeafBytes { get; init; } = 36_500;

    /// <summary>One private key; 13,000.</summary>
    public int KeyBytes { get; init; } = 13_000;

    /// <summary>A certificate with its issuers; 95,000.</summary>
    public int ChainBytes { get; init; } = 95_000;

    /// <summary>A bundle of trusted CAs; 330,000.</summary>
    public int BundleBytes { get; init; } = 330_000;

    /// <summary>Whether text outside of the PEM blocks is passed over; false.</summary>
    public bool AllowExplanatoryText { get; init; }
}
