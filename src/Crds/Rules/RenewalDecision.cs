namespace CertOperator.Crds.Rules;

/// <summary>When to renew, in whole seconds, and why then.</summary>
/// <param name="RenewalTime">The planned time; it does not move while the inputs stay the same, also when it has passed, except from a window that has closed to the next.</param>
/// <param name="Source">The rule that gave it.</param>
/// <param name="Problem">Sentences on inputs that could not be followed and what to change; null when there are none.</param>
public sealed record RenewalDecision(DateTimeOffset RenewalTime, RenewalSource Source, string? Problem)
{
    /// <summary>Why the CA's window was passed over: a sentence that the owner of the policy can do nothing about; null when it was not.</summary>
    public string? IgnoredAdvice { get; init; }

    /// <summary>What the policy's windows have to do with the time.</summary>
    public WindowUse Window { get; init; }

    /// <summary>When it was due first, where the time is another: a window has closed since, or is not waited for any more. It does not move.</summary>
    public DateTimeOffset? FirstDue { get; init; }

    /// <summary>Whether the renewal should start; a planned time in the past means at once.</summary>
    public bool IsDue(DateTimeOffset now) => RenewalTime <= now;
}

/// <summary>What windows have to do with a renewal time.</summary>
public enum WindowUse
{
    /// <summary>Nothing: there are none, or none that ever opens.</summary>
    None,

    /// <summary>The time lies in a window.</summary>
    Within,

    /// <summary>The next window opens too late for the certificate, which does not wait for it.</summary>
    TooLate,
}

/// <summary>The rule that set a renewal time.</summary>
public enum RenewalSource
{
    /// <summary>The default: when a third of the issued lifetime is left.</summary>
    LastThird,

    /// <summary>spec.renewBefore.</summary>
    RenewBefore,

    /// <summary>spec.renewBeforePercentage.</summary>
    Percentage,

    /// <summary>The CA's suggested window, which lay earlier than the policy's own time.</summary>
    Ari,
}
