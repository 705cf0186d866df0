namespace CertOperator.Operator.Telemetry;

/// <summary>How a reconcile can end.</summary>
public static class ReconcileOutcomes
{
    public const string Done = "done";

    /// <summary>Planned to be looked at again.</summary>
    public const string Requeued = "requeued";

    /// <summary>Another writer was faster; tried again at once.</summary>
    public const string Conflict = "conflict";

    /// <summary>An exception; tried again after a backoff.</summary>
    public const string Error = "error";

    public static IReadOnlyList<string> All { get; } = [Done, Requeued, Conflict, Error];
}
