using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Runs;

/// <summary>What a person asks of a run by annotation: a closed set.</summary>
public abstract record RunRequest(string Value, string? By)
{
    /// <summary>Go on at the failed step of a run that has ended.</summary>
    public sealed record Resume(string Value, string? By) : RunRequest(Value, By);

    /// <summary>Take over the pair in the Secret of that name, in place of one that the run has not obtained, or not obtained yet.</summary>
    public sealed record Resolve(string Value, string? By) : RunRequest(Value, By);

    /// <summary>The annotation that asks.</summary>
    public string Annotation => this is Resume ? WellKnown.ResumeRequestedAt : WellKnown.ResolveWithSecret;

    /// <summary>For logs: what was asked and by whom.</summary>
    public string Origin => By is null ? $"asked for by annotation {Annotation}={Value}" : $"asked for by {By} with annotation {Annotation}={Value}";

    /// <summary>Why what was asked cannot even be looked for; null where it can.</summary>
    public string? Defect()
    {
        string? defect = null;
        if (this is Resolve)
        {
            SecretRules.CheckName(Value, $"Annotation {WellKnown.ResolveWithSecret}", message => defect = message);
        }

        return defect;
    }

    /// <summary>The request on a run that was not acted on yet; a finished pair goes before another try. Null without one.</summary>
    /// <param name="run">The run.</param>
    /// <param name="policy">Its policy, which says whether a run that has not begun is a dry one.</param>
    public static RunRequest? Open(CertificateRenewalRun run, CertificateRenewalPolicy? policy)
    {
        ArgumentNullException.ThrowIfNull(run);
        var handled = run.Status?.Handled;
        var by = run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RequestedBy) is { Length: > 0 } name ? name[..Math.Min(name.Length, 256)] : null;
        return Asked(run, WellKnown.ResolveWithSecret) is { } secret && secret != handled?.ResolveWithSecret && MayAnswer(run, policy) ? new Resolve(secret, by)
            : Asked(run, WellKnown.ResumeRequestedAt) is { } value && value != handled?.ResumeRequestedAt && run.Status?.Phase is RunPhase.Failed or RunPhase.NeedsManual ? new Resume(value, by)
            : null;
    }

    /// <summary>The status without what was acted on and is no longer asked for, so that the same value asks anew. Null where there is nothing of the kind.</summary>
    public static RunStatus? Withdrawn(CertificateRenewalRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Status is not { Handled: { } handled } status)
        {
            return null;
        }

        var left = new HandledRunRequests
        {
            ResumeRequestedAt = Asked(run, WellKnown.ResumeRequestedAt) is null ? null : handled.ResumeRequestedAt,
            ResolveWithSecret = Asked(run, WellKnown.ResolveWithSecret) is null ? null : handled.ResolveWithSecret,
        };
        return left == handled ? null : status with { Handled = left == new HandledRunRequests() ? null : left };
    }

    /// <summary>Notes that the request was acted on.</summary>
    public RunStatus Handled(RunStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var handled = status.Handled ?? new HandledRunRequests();
        return status with { Handled = this is Resume ? handled with { ResumeRequestedAt = Value } : handled with { ResolveWithSecret = Value } };
    }

    /// <summary>A dry run and one that puts an earlier pair back wait for no CA: they are answered when they have ended.</summary>
    private static bool MayAnswer(CertificateRenewalRun run, CertificateRenewalPolicy? policy)
        => RunStateMachine.IsFinal(run.Status?.Phase) || (RunModes.Of(run, policy) == RunMode.Live && PolicyRollback.TargetOf(run) is null);

    private static string? Asked(CertificateRenewalRun run, string annotation)
        => run.Metadata.Annotations?.GetValueOrDefault(annotation) is { Length: > 0 } value ? value : null;
}
