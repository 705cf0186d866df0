namespace CertOperator.Operator.Pacing;

/// <summary>Why no certificate may be asked for yet.</summary>
/// <param name="Until">When it probably may.</param>
/// <param name="LookAgain">When it is worth to look again; not later than <paramref name="Until"/>.</param>
/// <param name="Reason">One of <see cref="PacingReasons"/>.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record IssuanceWait(DateTimeOffset Until, DateTimeOffset LookAgain, string Reason, string Message);

/// <summary>Reasons of <see cref="IssuanceWait"/>; part of the API, so they do not change.</summary>
public static class PacingReasons
{
    public const string Cooldown = "Cooldown";
    public const string AccountPaused = "AccountPaused";
    public const string BudgetExhausted = "BudgetExhausted";
    public const string FairShare = "FairShare";
}
