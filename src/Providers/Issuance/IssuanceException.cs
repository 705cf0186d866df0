namespace CertOperator.Providers.Issuance;

/// <summary>What can be done about a refusal.</summary>
public enum IssuanceFailure
{
    /// <summary>The same try may succeed in a moment.</summary>
    Transient,

    /// <summary>This run is lost; a later one may succeed.</summary>
    Failed,

    /// <summary>A person must do something first.</summary>
    NeedsManual,
}

/// <summary>A refusal by a certificate authority, or on the way to it, with a message for the person who has to mend it.</summary>
public sealed class IssuanceException(IssuanceFailure failure, string reason, string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message.Length <= MaxLength ? message : string.Concat(message.AsSpan(0, MaxLength - 1), "…"), inner)
{
    /// <summary>A CA may say something about each of a hundred names; more than this fits no condition and helps nobody.</summary>
    private const int MaxLength = 4000;

    public IssuanceFailure Failure { get; } = failure;

    /// <summary>One of <see cref="IssuanceReasons"/>.</summary>
    public string Reason { get; } = reason;

    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>Reasons of <see cref="IssuanceException"/>; part of the API, so they do not change.</summary>
public static class IssuanceReasons
{
    public const string ServerUnreachable = "ServerUnreachable";
    public const string ServerNotTrusted = "ServerNotTrusted";
    public const string ServerError = "ServerError";
    public const string NotAnAcmeServer = "NotAnAcmeServer";
    public const string EgressDenied = "EgressDenied";
    public const string RateLimited = "RateLimited";
    public const string AccountRefused = "AccountRefused";
    public const string ExternalAccountRequired = "ExternalAccountRequired";
    public const string InvalidCredentials = "InvalidCredentials";
    public const string TermsOfServiceChanged = "TermsOfServiceChanged";
    public const string UnknownProfile = "UnknownProfile";
    public const string NameRefused = "NameRefused";
    public const string ChallengeFailed = "ChallengeFailed";
    public const string ChallengeInterrupted = "ChallengeInterrupted";
    public const string ChallengeNotOffered = "ChallengeNotOffered";
    public const string OrderInvalid = "OrderInvalid";
    public const string OrderRefused = "OrderRefused";
    public const string SigningRequestRefused = "SigningRequestRefused";
    public const string AuthorityUnusable = "AuthorityUnusable";
}
