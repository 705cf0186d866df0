namespace CertOperator.Acme;

/// <summary>An account's authorization for one identifier (RFC 8555 section 7.1.4).</summary>
public sealed record AcmeAuthorization
{
    public required Uri Url { get; init; }

    /// <summary>Without <c>*.</c>; see <see cref="Wildcard"/>.</summary>
    public required AcmeIdentifier Identifier { get; init; }

    public required AuthorizationStatus Status { get; init; }

    /// <summary>Null when absent or unreadable.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>What the server offers (any one suffices), or, when settled, what it checked.</summary>
    public required IReadOnlyList<AcmeChallenge> Challenges { get; init; }

    public bool Wildcard { get; init; }

    public TimeSpan? RetryAfter { get; init; }
}
