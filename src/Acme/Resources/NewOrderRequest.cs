namespace CertOperator.Acme;

/// <summary>What goes into newOrder (RFC 8555 section 7.4).</summary>
public sealed record NewOrderRequest
{
    public required IReadOnlyList<AcmeIdentifier> Identifiers { get; init; }

    /// <summary>Wanted validity; most public CAs refuse both.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>The certificate that this order renews (RFC 9773 section 5). Send only to servers that offer renewal information.</summary>
    public CertificateId? Replaces { get; init; }

    /// <summary>One of <see cref="AcmeDirectoryMeta.Profiles"/>.</summary>
    public string? Profile { get; init; }
}
