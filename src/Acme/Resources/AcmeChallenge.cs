namespace CertOperator.Acme;

/// <summary>One way to prove control of an identifier (RFC 8555 section 8).</summary>
public sealed record AcmeChallenge
{
    public const string Http01 = "http-01";
    public const string Dns01 = "dns-01";
    public const string TlsAlpn01 = "tls-alpn-01";

    /// <summary>As sent; there are more types than this library has names for.</summary>
    public required string Type { get; init; }

    public required Uri Url { get; init; }

    public required ChallengeStatus Status { get; init; }

    /// <summary>Characters of the base64url alphabet only, so it is safe in a path; null in challenge types without a token.</summary>
    public string? Token { get; init; }

    /// <summary>Null when absent or unreadable.</summary>
    public DateTimeOffset? Validated { get; init; }

    /// <summary>Why validation failed, or what the server met while it still tries.</summary>
    public AcmeProblem? Error { get; init; }

    public TimeSpan? RetryAfter { get; init; }
}
