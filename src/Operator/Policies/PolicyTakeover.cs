using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.Policies;

/// <summary>What a request to take over a pair means for a policy. Pure.</summary>
public static class PolicyTakeover
{
    /// <summary>An annotation value that has not been acted on.</summary>
    public static TakeoverOrder? Request(CertificateRenewalPolicy policy, PolicyStatus? status)
        => Value(policy) is { Length: > 0 } secret && secret != status?.Handled?.ResolveWithSecret
            ? new TakeoverOrder(secret, policy.Metadata.Annotations!.GetValueOrDefault(WellKnown.RequestedBy) is { Length: > 0 } by ? by : null)
            : null;

    /// <summary>Whether a run that is not over may take the pair in place of the one that it works for. One that has refused it once does not.</summary>
    public static bool CanTake(CertificateRenewalRun active, CertificateRenewalPolicy policy, string secret)
    {
        ArgumentNullException.ThrowIfNull(active);
        return RunModes.Of(active, policy) == RunMode.Live && PolicyRollback.TargetOf(active) is null
            && active.Status?.Handled?.ResolveWithSecret != secret
            && (active.Status is not { Phase: RunPhase.Running } status || RunStateMachine.NextStep(status) <= StepName.StoreSecret);
    }

    /// <summary>Notes an open request that a run has taken up; <paramref name="news"/> are the runs that are in progress or have ended since the last look.</summary>
    public static PolicyStatus Note(PolicyStatus status, CertificateRenewalPolicy policy, IEnumerable<CertificateRenewalRun> news)
        => Request(policy, status) is { Secret: var open } && news.Any(r => IsFor(r, open) && r.Status?.Resolution?.SecretName == open) ? Handled(status, open) : status;

    public static PolicyStatus Handled(PolicyStatus status, string secret)
        => status with { Handled = (status.Handled ?? new HandledRequests()) with { ResolveWithSecret = secret } };

    /// <summary>Forgets what was acted on when the annotation is gone.</summary>
    public static PolicyStatus Lift(PolicyStatus status, CertificateRenewalPolicy policy)
        => status.Handled is { ResolveWithSecret: not null } handled && string.IsNullOrEmpty(Value(policy)) ? status with { Handled = handled with { ResolveWithSecret = null } } : status;

    /// <summary>Whether a run is asked to take over the pair in that Secret.</summary>
    public static bool IsFor(CertificateRenewalRun run, string secret) => run.Metadata.Annotations?.GetValueOrDefault(WellKnown.ResolveWithSecret) == secret;

    /// <summary>What an open request waits for, in a sentence.</summary>
    public static string WaitsFor(TakeoverOrder order, PolicyDecision decision)
        => $"The pair in Secret {order.Secret} is taken over, as annotation {WellKnown.ResolveWithSecret} asks, when this is no longer in the way: " + decision switch
        {
            PolicyDecision.InProgress { Run: var run } => $"run {run.Metadata.Name} is in progress and ends by itself.",
            PolicyDecision.Stalled stalled => stalled.Message,
            _ => "as many runs as allowed are in progress.",
        };

    private static string? Value(CertificateRenewalPolicy policy) => policy.Metadata.Annotations?.GetValueOrDefault(WellKnown.ResolveWithSecret);
}

/// <summary>A pair that is to be taken over.</summary>
/// <param name="Secret">The Secret that holds it.</param>
/// <param name="By">Who asks, as they say.</param>
public sealed record TakeoverOrder(string Secret, string? By);

/// <summary>What was found where a pair is to be taken over: a closed set.</summary>
public abstract record TakeoverCandidate
{
    private TakeoverCandidate()
    {
    }

    /// <summary>The pair fits.</summary>
    public sealed record Possible(TakeoverOrder Order) : TakeoverCandidate;

    /// <summary>It does not; says why and what to do.</summary>
    public sealed record Refused(TakeoverOrder Order, string Message) : TakeoverCandidate;
}
