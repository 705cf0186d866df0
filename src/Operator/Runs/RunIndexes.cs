using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Runs;

/// <summary>How runs are found without looking through all of them.</summary>
public static class RunIndexes
{
    public const string Policy = "policy";
    public const string Token = "token";

    public static string PolicyKey(CertificateRenewalRun run) => PolicyKey(run.Metadata.Namespace!, run.Spec.PolicyRef.Name);

    public static string PolicyKey(string @namespace, string policy) => $"{@namespace}/{policy}";

    /// <summary>Tokens of http-01 challenges that are to be answered; a finished run answers none.</summary>
    public static IEnumerable<string> TokensOf(CertificateRenewalRun run)
        => RunStateMachine.IsFinal(run.Status?.Phase) ? [] : (run.Status?.Order?.Challenges ?? []).Select(c => c.Token);
}
