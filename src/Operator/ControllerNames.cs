namespace CertOperator.Operator;

/// <summary>Names of the controllers in logs and metrics.</summary>
public static class ControllerNames
{
    public const string Policy = "policy";
    public const string Run = "run";
    public const string Incident = "incident";
    public const string Probe = "probe";
    public const string PrivateRoot = "private_root";
    public const string Batch = "batch";
    public const string Rules = "rules";
}
