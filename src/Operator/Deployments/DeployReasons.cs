namespace CertOperator.Operator.Deployments;

/// <summary>Reasons of the step Deploy in the status of runs; part of the API, so they do not change.</summary>
public static class DeployReasons
{
    public const string WorkloadNotFound = "WorkloadNotFound";
    public const string WorkloadPaused = "WorkloadPaused";
    public const string WorkloadForbidden = "WorkloadForbidden";
    public const string RolloutFailed = "RolloutFailed";
    public const string RolloutTimedOut = "RolloutTimedOut";
    public const string NothingRestarts = "NothingRestartsByItself";
    public const string PairNotInSecret = "PairNotInSecret";
    public const string WebhookRefused = "WebhookRefused";
    public const string WebhookUnreachable = "WebhookUnreachable";
}
