namespace CertOperator.Providers.AwsAcm;

/// <summary>Reasons of AWS Certificate Manager in the status of runs; part of the API, so they do not change.</summary>
public static class AcmReasons
{
    public const string CertificateNotFound = "CertificateNotFound";
    public const string CertificateNotUsable = "CertificateNotUsable";
    public const string CertificateDoesNotFit = "CertificateDoesNotFit";
    public const string NotEligibleForRenewal = "NotEligibleForRenewal";
    public const string NotExportable = "NotExportable";
    public const string InProgress = "InProgress";
    public const string ValidationPending = "ValidationPending";
    public const string ValidationTimedOut = "ValidationTimedOut";
    public const string RequestFailed = "RequestFailed";
    public const string ImportRefused = "ImportRefused";
    public const string IncompleteChain = "IncompleteChain";
}
