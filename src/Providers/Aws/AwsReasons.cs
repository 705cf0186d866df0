namespace CertOperator.Providers.Aws;

/// <summary>Reasons of AWS services in the status of runs; part of the API, so they do not change.</summary>
public static class AwsReasons
{
    public const string AccessDenied = "AccessDenied";
    public const string CredentialsRefused = "CredentialsRefused";
    public const string CredentialsExpired = "CredentialsExpired";
    public const string UnexpectedAnswer = "UnexpectedAnswer";
    public const string RequestRefused = "RequestRefused";
    public const string QuotaExceeded = "QuotaExceeded";
}
