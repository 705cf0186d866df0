namespace CertOperator.Providers.Challenges;

/// <summary>Reasons of solvers in the status of runs; part of the API, so they do not change.</summary>
public static class ChallengeReasons
{
    public const string DnsLookupFailed = "DnsLookupFailed";
    public const string DnsServerUnreachable = "DnsServerUnreachable";
    public const string DnsUpdateRefused = "DnsUpdateRefused";
    public const string DnsKeyRefused = "DnsKeyRefused";
    public const string DnsApiRefused = "DnsApiRefused";
    public const string DnsApiUnreachable = "DnsApiUnreachable";
    public const string DnsApiError = "DnsApiError";
    public const string DnsZoneNotFound = "DnsZoneNotFound";
    public const string RecordKindNotSupported = "RecordKindNotSupported";
    public const string NotPropagated = "NotPropagated";
    public const string SelfCheckFailed = "SelfCheckFailed";
    public const string ObjectRefused = "ObjectRefused";
    public const string KindNotInstalled = "KindNotInstalled";
    public const string WebrootMissing = "WebrootMissing";
    public const string OperatorServiceUnknown = "OperatorServiceUnknown";
    public const string OperatorNotReady = "OperatorNotReady";
    public const string ChallengeNotRemoved = "ChallengeNotRemoved";
    public const string SolverMissing = "SolverMissing";
}
