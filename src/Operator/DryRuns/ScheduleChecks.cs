using CertOperator.Crds;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.DryRuns;

/// <summary>When a certificate could be had, and when one is wanted.</summary>
public sealed class ScheduleChecks(IssuanceGate gate)
{
    public IReadOnlyList<RunCheck> Make(RunContext context, DateTimeOffset now)
        => [Checks.Row(StepName.Preflight, CheckNames.RateLimit, context.Resolved.Issuer.Server.Host, Limit(context, now)), Checks.Row(StepName.Preflight, CheckNames.NextRenewal, null, Next(context, now))];

    private CheckOutcome Limit(RunContext context, DateTimeOffset now)
        => gate.Find(context.Policy, context.Resolved, context.Run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason), cooldown: true, now) is { } wait
            ? CheckOutcome.Warning($"A live run would wait: {wait.Message}")
            : CheckOutcome.Passed("Neither a cooldown nor a limit on issuance that is known here would make a live run wait.");

    private static CheckOutcome Next(RunContext context, DateTimeOffset now)
    {
        var status = context.Policy.Status;
        return status is not { RenewalTime: { } time, NotAfter: { } end } ? CheckOutcome.Passed("There is no certificate yet: one is wanted now.")
            : context.Resolved.Suspended ? CheckOutcome.Warning($"The renewal time is {time:yyyy-MM-dd HH:mm} UTC, but spec.suspend is true. The certificate is valid until {end:yyyy-MM-dd HH:mm} UTC.")
            : CheckOutcome.Passed($"The renewal time {(time <= now ? "has come; it was" : "is")} {time:yyyy-MM-dd HH:mm} UTC ({status.RenewalSource}). The certificate is valid until {end:yyyy-MM-dd HH:mm} UTC.");
    }
}
