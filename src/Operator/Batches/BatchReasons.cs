namespace CertOperator.Operator.Batches;

/// <summary>Reasons in the conditions, rows and Events of batches; part of the API, so they do not change.</summary>
public static class BatchReasons
{
    /// <summary>Why a batch's runs were made.</summary>
    public const string Batch = "Batch";

    // Where a batch stands
    public const string Planned = "Planned";
    public const string Started = "Started";
    public const string InProgress = "InProgress";
    public const string Paced = "Paced";
    public const string NoPlace = "NoPlace";
    public const string Paused = "Paused";
    public const string Resumed = "Resumed";
    public const string Cancelled = "Cancelled";
    public const string TooManyFailures = "TooManyFailures";
    public const string Completed = "Completed";
    public const string SomeFailed = "SomeFailed";
    public const string InvalidSpec = "InvalidSpec";
    public const string InvalidSettings = "InvalidSettings";
    public const string SpecChanged = "SpecChanged";
    public const string NamespaceNotAccepted = "NamespaceNotAccepted";

    // Where a policy stands in it
    public const string PolicyNotFound = "PolicyNotFound";
    public const string NoProvider = "NoProvider";
    public const string RunInProgress = "RunInProgress";
    public const string RenewedMeanwhile = "RenewedMeanwhile";
    public const string RunDeleted = "RunDeleted";
}
