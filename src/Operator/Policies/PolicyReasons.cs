namespace CertOperator.Operator.Policies;

/// <summary>Reasons in the conditions of policies and in Events; part of the API, so they do not change.</summary>
public static class PolicyReasons
{
    // Stalled
    public const string InvalidSpec = "InvalidSpec";
    public const string SecretConflict = "SecretConflict";
    public const string KeyConflict = "KeyConflict";
    public const string SecretWrongType = "SecretWrongType";
    public const string SecretForeign = "SecretOwnedByAnother";
    public const string SecretImmutable = "SecretImmutable";
    public const string MissingSecret = "MissingSecret";
    public const string SolverUnusable = "SolverUnusable";
    public const string Forbidden = "Forbidden";
    public const string IssuanceLimit = "IssuanceLimitReached";
    public const string NeedsManual = "NeedsManual";

    // Ready
    public const string Ready = "Ready";
    public const string Suspended = "Suspended";
    public const string DoesNotExist = "DoesNotExist";
    public const string MissingData = "MissingData";
    public const string InvalidKeyPair = "InvalidKeyPair";
    public const string InvalidCertificate = "InvalidCertificate";
    public const string RequestChanged = "RequestChanged";
    public const string KeyChanged = "KeyChanged";
    public const string IncorrectIssuer = "IncorrectIssuer";
    public const string SecretOverwritten = "SecretOverwritten";
    public const string SecretTemplateChanged = "SecretTemplateChanged";
    public const string Expired = "Expired";

    // The incident of a certificate that ends before long
    public const string Expiring = "Expiring";

    // Reconciling
    public const string Renewing = "Renewing";
    public const string RenewalAdvised = "RenewalAdvised";
    public const string Issuing = "Issuing";
    public const string BackingOff = "BackingOff";
    public const string Idle = "Idle";
    public const string RolledBack = "RolledBack";
    public const string DryRunOnly = "DryRunOnly";
    public const string RollbackRefused = "RollbackRefused";

    // ServedCertificateMatches
    public const string Matches = "Matches";
    public const string Mismatch = "Mismatch";
    public const string Unreachable = "Unreachable";
    public const string Revoked = "Revoked";
    public const string NothingToProbe = "NothingToProbe";

    // Events
    public const string Renewed = "Renewed";
    public const string RenewalFailed = "RenewalFailed";
    public const string Requested = "Requested";
    public const string TakenOver = "TakenOver";
    public const string ProviderChanged = "ProviderChanged";
    public const string TrustBundleForeign = "TrustBundleOwnedByAnother";
    public const string DryRunPassed = "DryRunPassed";
    public const string DryRunFailed = "DryRunFailed";
}
