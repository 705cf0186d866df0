namespace CertOperator.Crds.Rules;

/// <summary>All that the time of the next renewal depends on.</summary>
public sealed record RenewalInputs
{
    /// <summary>Start of the issued certificate's validity.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of the issued certificate's validity.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>spec.renewBefore: how long before the end to renew.</summary>
    public TimeSpan? RenewBefore { get; init; }

    /// <summary>spec.renewBefore as its author wrote it, for messages; null for the shortest form.</summary>
    public string? RenewBeforeText { get; init; }

    /// <summary>spec.renewBeforePercentage: renew when this share of the lifetime, 1 to 99 percent, is left; 25 renews a certificate of 60 days after 45.</summary>
    public int? RenewBeforePercentage { get; init; }

    /// <summary>The window that the CA suggests for this very certificate (RFC 9773), if any.</summary>
    public AriWindow? AriWindow { get; init; }

    /// <summary>Whether this certificate was obtained because of its predecessor's window. Another window in its past is then no advice but a stale answer.</summary>
    public bool RenewedOnAdvice { get; init; }

    /// <summary>What tells policies apart, such as the policy's uid; spreads renewals of certificates that were issued together.</summary>
    public required string JitterSeed { get; init; }
}

/// <summary>The window in which a CA would like a certificate to be renewed (RFC 9773, section 4.2).</summary>
public readonly record struct AriWindow(DateTimeOffset Start, DateTimeOffset End);
