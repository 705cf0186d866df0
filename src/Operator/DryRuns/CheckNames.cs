namespace CertOperator.Operator.DryRuns;

/// <summary>What the rows of a report are called; part of the API, so they do not change.</summary>
public static class CheckNames
{
    public const string Credentials = "Credentials";
    public const string Authority = "Authority";
    public const string Account = "Account";
    public const string DnsAddress = "DnsAddress";
    public const string Caa = "Caa";
    public const string RateLimit = "RateLimit";
    public const string Key = "Key";
    public const string Order = "Order";
    public const string Challenge = "Challenge";
    public const string CleanUp = "CleanUp";
    public const string TargetSecret = "TargetSecret";
    public const string Permission = "Permission";
    public const string Workload = "Workload";
    public const string Target = "Target";
    public const string Webhook = "Webhook";
    public const string Endpoint = "Endpoint";
    public const string NextRenewal = "NextRenewal";
}
