namespace CertOperator.Operator.Runs;

/// <summary>Reasons in the status of runs and their steps; part of the API, so they do not change.</summary>
public static class RunReasons
{
    public const string Queued = "Queued";
    public const string InProgress = "InProgress";
    public const string Waiting = "Waiting";
    public const string Succeeded = "Succeeded";
    public const string ChecksFailed = "ChecksFailed";
    public const string DeadlineExceeded = "DeadlineExceeded";
    public const string InvalidRun = "InvalidRun";
    public const string InvalidPolicy = "InvalidPolicy";
    public const string PolicyChanged = "PolicyChanged";
    public const string PolicyNotFound = "PolicyNotFound";
    public const string OrderLost = "OrderLost";
    public const string KeyLost = "KeyLost";
    public const string MasterKeyUnusable = "MasterKeyUnusable";
    public const string AwaitsCertificate = "AwaitsCertificate";
    public const string PairLost = "PairLost";
    public const string Resumed = "Resumed";
    public const string Resolved = "Resolved";
    public const string ResumptionRefused = "ResumptionRefused";
    public const string ResolutionRefused = "ResolutionRefused";
    public const string ResumptionWaits = "ResumptionWaits";
    public const string ResolutionWaits = "ResolutionWaits";
    public const string ResolutionLost = "ResolutionLost";
    public const string KeysNotKeptCurrent = "KeysNotKeptCurrent";
    public const string ApiServerRefused = "ApiServerRefused";
    public const string NotVerified = "NotVerified";
}
