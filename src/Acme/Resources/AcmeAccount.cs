namespace CertOperator.Acme;

/// <summary>An account as the server sees it (RFC 8555 section 7.1.2).</summary>
public sealed record AcmeAccount
{
    /// <summary>The account's URL, its "kid" from now on; to be stored as <see cref="Uri.OriginalString"/>, since servers compare it as text.</summary>
    public required Uri Url { get; init; }

    public required AccountStatus Status { get; init; }

    /// <summary>Contact URLs; CAs that do not keep them send none.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];

    /// <summary>Where the account's orders are listed; null at CAs without lists (Let's Encrypt).</summary>
    public Uri? Orders { get; init; }

    /// <summary>Whether this very request created the account (HTTP 201).</summary>
    public bool Created { get; init; }
}
