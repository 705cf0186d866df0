using System.Globalization;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Runs;

namespace CertOperator.Operator.DryRuns;

/// <summary>When a certificate could be had, and when one is wanted.</summary>
public sealed class ScheduleChecks(IssuanceGate gate)
{
    public IReadOnlyList<RunCheck> Make(RunContext context, DateTimeOffset now)
        => [Checks.Row(StepName.Preflight, CheckNames.RateLimit, context.Resolved.Issuer.PlaceName, Limit(context, now)), Checks.Row(StepName.Preflight, CheckNames.NextRenewal, null, Next(context, now))];

    private CheckOutcome Limit(RunContext context, DateTimeOffset now)
    {
        var waits = new List<string>();
        if (gate.Find(context.Policy, context.Resolved, context.Run.Metadata.Annotations?.GetValueOrDefault(WellKnown.RunReason), cooldown: true, now) is { } wait)
        {
            waits.Add($"A live run would wait: {wait.Message}");
        }

        // What a person asks for does not wait for these.
        var need = new RenewalNeed(PolicyReasons.Renewing, "A live run would have it issued.");
        switch (PolicyDecider.Obstacle(context.Policy, context.Policy.Status ?? new PolicyStatus(), context.Resolved.Issuer.Server, need, now))
        {
            case PolicyDecision.BackOff backOff:
                waits.Add(string.Create(CultureInfo.InvariantCulture, $"A scheduled run would wait until {backOff.Until:yyyy-MM-dd HH:mm:ss} UTC ({backOff.Reason}): {Sentences.Of(backOff.Message)}"));
                break;

            case PolicyDecision.Stalled stalled:
                waits.Add($"No scheduled run is made ({stalled.Reason}): {Sentences.Of(stalled.Message)}");
                break;
        }

        return waits.Count > 0
            ? CheckOutcome.Warning(string.Join(" ", waits))
            : CheckOutcome.Passed("Neither a cooldown nor a limit on issuance that is known here, nor an earlier run, would make a live run wait.");
    }

    private static CheckOutcome Next(RunContext context, DateTimeOffset now)
    {
        var status = context.Policy.Status ?? new PolicyStatus();
        var due = status is { RenewalTime: { } time, NotAfter: { } end }
            ? $"The renewal time {(time <= now ? "has come; it was" : "is")} {time:yyyy-MM-dd HH:mm} UTC ({status.RenewalSource}). The certificate is valid until {end:yyyy-MM-dd HH:mm} UTC."
            : "There is no certificate yet: one is wanted now.";
        return context.Resolved.Suspended
            ? CheckOutcome.Warning($"{due} But spec.suspend is true, so only a run that is asked for is made.")
            : PolicyRollback.Held(status) is { } held
                ? CheckOutcome.Warning($"{due} But the certificate before was put back at {held.Since:yyyy-MM-dd HH:mm} UTC, and renewal is held until annotation {WellKnown.RollbackRequestedAt} is removed or {WellKnown.RenewRequestedAt} gets a new value.")
                : CheckOutcome.Passed(RunModes.DefaultOf(context.Policy) == RunMode.DryRun ? $"{due} spec.dryRunDefault is true, so nothing is issued then unless annotation {WellKnown.RenewMode}: {RunMode.Live} asks for it." : due);
    }
}
