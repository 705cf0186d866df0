namespace CertOperator.Providers.Gcp;

/// <summary>Reasons of Google Cloud in the status of runs; part of the API, so they do not change.</summary>
public static class GcpReasons
{
    public const string AccessDenied = "AccessDenied";
    public const string CredentialsRefused = "CredentialsRefused";
    public const string RequestRefused = "RequestRefused";
    public const string NotFound = "NotFound";
    public const string UnexpectedAnswer = "UnexpectedAnswer";
    public const string NameTaken = "NameTaken";
    public const string NotProvisioned = "NotProvisioned";
}
