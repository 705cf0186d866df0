using CertOperator.Acme;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Runs;

/// <summary>How runs are found without looking through all of them.</summary>
public static class RunIndexes
{
    public const string Policy = "policy";
    public const string Token = "token";

    /// <summary>Namespaces of runs that a CA has told to wait.</summary>
    public const string RateLimited = "rate-limited";

    public static IEnumerable<string> RateLimitedIn(CertificateRenewalRun run)
        => run.Status is { Reason: IssuanceReasons.RateLimited, RetryAt: not null } ? [run.Metadata.Namespace!] : [];

    /// <summary>Namespaces of runs that have not ended.</summary>
    public const string Active = "active";

    public static IEnumerable<string> ActiveIn(CertificateRenewalRun run)
        => RunStateMachine.IsFinal(run.Status?.Phase) ? [] : [run.Metadata.Namespace!];

    public static string PolicyKey(CertificateRenewalRun run) => PolicyKey(run.Metadata.Namespace!, run.Spec.PolicyRef.Name);

    public static string PolicyKey(string @namespace, string policy) => $"{@namespace}/{policy}";

    /// <summary>Tokens of http-01 challenges that are to be answered; a finished run answers none.</summary>
    public static IEnumerable<string> TokensOf(CertificateRenewalRun run)
        => RunStateMachine.IsFinal(run.Status?.Phase) ? [] : (run.Status?.Order?.Challenges ?? []).Where(c => c.Type == AcmeChallenge.Http01).Select(c => c.Token);
}
