namespace CertOperator.Acme;

/// <summary>An order (RFC 8555 section 7.1.3).</summary>
public sealed record AcmeOrder
{
    public required Uri Url { get; init; }

    public required OrderStatus Status { get; init; }

    /// <summary>Null when absent or unreadable.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>In no particular order: servers may shuffle them.</summary>
    public required IReadOnlyList<AcmeIdentifier> Identifiers { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>In no particular order, nor that of <see cref="Identifiers"/>.</summary>
    public required IReadOnlyList<Uri> Authorizations { get; init; }

    public required Uri Finalize { get; init; }

    /// <summary>Present when <see cref="Status"/> is <see cref="OrderStatus.Valid"/>.</summary>
    public Uri? Certificate { get; init; }

    /// <summary>Why the order became invalid.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>The certificate id that the server took note of; absent at servers that ignored "replaces".</summary>
    public string? Replaces { get; init; }

    public string? Profile { get; init; }

    /// <summary>When to ask again while the order is pending or processing.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
