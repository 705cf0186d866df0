using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Runs;

/// <summary>What a person asks of a run that has ended, by annotation: a closed set.</summary>
public abstract record RunRequest(string Value, string? By)
{
    /// <summary>Go on at the failed step.</summary>
    public sealed record Resume(string Value, string? By) : RunRequest(Value, By);

    /// <summary>Take over the pair in the Secret of that name.</summary>
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
    public static RunRequest? Open(CertificateRenewalRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Status is not { Phase: RunPhase.Failed or RunPhase.NeedsManual } status)
        {
            return null;
        }

        var by = run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RequestedBy) is { Length: > 0 } name ? name[..Math.Min(name.Length, 256)] : null;
        return Asked(run, WellKnown.ResolveWithSecret) is { } secret && secret != status.Handled?.ResolveWithSecret ? new Resolve(secret, by)
            : Asked(run, WellKnown.ResumeRequestedAt) is { } value && value != status.Handled?.ResumeRequestedAt ? new Resume(value, by)
            : null;
    }

    /// <summary>Notes that the request was acted on.</summary>
    public RunStatus Handled(RunStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var handled = status.Handled ?? new HandledRunRequests();
        return status with { Handled = this is Resume ? handled with { ResumeRequestedAt = Value } : handled with { ResolveWithSecret = Value } };
    }

    private static string? Asked(CertificateRenewalRun run, string annotation)
        => run.Metadata.Annotations?.GetValueOrDefault(annotation) is { Length: > 0 } value ? value : null;
}
