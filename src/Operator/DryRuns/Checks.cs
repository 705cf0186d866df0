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

    /// <summary>Has a provider or a target look; a row for each of its answers, or one for what kept it from looking.</summary>
    public static async Task<IReadOnlyList<RunCheck>> AskAsync(StepName step, string check, string? subject, Func<Task<IReadOnlyList<ProviderCheck>>> ask, Func<ProviderCheck, CheckOutcome, RunCheck> row)
    {
        IReadOnlyList<ProviderCheck> answers = [];
        var failure = await MakeAsync(step, check, subject, async () =>
        {
            answers = await ask();
            return CheckOutcome.Skipped("");
        });
        return answers.Count == 0 ? [failure] : [.. answers.Select(a => row(a, Outcome(a)))];
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

    private static CheckOutcome Outcome(ProviderCheck answer) => answer.Passed switch
    {
        true => CheckOutcome.Passed(answer.Evidence),
        false => CheckOutcome.Failed(answer.Evidence),
        null => CheckOutcome.Skipped(answer.Evidence),
    };
}
