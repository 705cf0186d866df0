using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.DryRuns;

/// <summary>How a check ended and what was seen.</summary>
public sealed record CheckOutcome(CheckResult Result, string Evidence)
{
    public static CheckOutcome Passed(string evidence) => new(CheckResult.Passed, evidence);

    public static CheckOutcome Failed(string evidence) => new(CheckResult.Failed, evidence);

    public static CheckOutcome Warning(string evidence) => new(CheckResult.Warning, evidence);

    public static CheckOutcome Skipped(string evidence) => new(CheckResult.Skipped, evidence);
}

/// <summary>Makes rows of a report.</summary>
public static class Checks
{
    /// <summary>Evidence that is longer than this says no more.</summary>
    private const int MaxEvidence = 1000;

    /// <summary>Makes one check; what would end a step of a live run becomes its evidence, so that the others are made all the same.</summary>
    public static async Task<RunCheck> MakeAsync(StepName step, string check, string? subject, Func<Task<CheckOutcome>> look)
    {
        try
        {
            return Row(step, check, subject, await look());
        }
        catch (Exception e) when (e is IssuanceException or CredentialException or DnsException or DnsFormatException or EgressDeniedException or PkiException)
        {
            return Row(step, check, subject, CheckOutcome.Failed(e.Message));
        }
        catch (KubernetesException e) when (e.NeedsMending)
        {
            return Row(step, check, subject, CheckOutcome.Failed($"The API server refused a request: {e.Message}"));
        }
    }

    public static RunCheck Row(StepName step, string check, string? subject, CheckOutcome outcome)
        => new()
        {
            Step = step,
            Check = check,
            Subject = subject,
            Result = outcome.Result,
            Evidence = outcome.Evidence.Length <= MaxEvidence ? outcome.Evidence : string.Concat(outcome.Evidence.AsSpan(0, MaxEvidence - 1), "…"),
        };
}
