using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Operator.Probing;

namespace CertOperator.Operator.Policies;

/// <summary>Writes down what was observed and decided, in the terms of kstatus. Pure.</summary>
public static class PolicyStatusBuilder
{
    public const string Ready = "Ready";
    public const string Reconciling = "Reconciling";
    public const string Stalled = "Stalled";
    public const string ServedCertificateMatches = "ServedCertificateMatches";

    private const string HowToLift = $"To lift that, remove annotation {WellKnown.RollbackRequestedAt}, or renew at once with a new value of {WellKnown.RenewRequestedAt}.";

    /// <summary>Takes over the facts of the certificate in the Secret.</summary>
    public static PolicyStatus WithCertificate(PolicyStatus status, CertificateSummary certificate)
        => status with
        {
            NotBefore = certificate.NotBefore,
            NotAfter = certificate.NotAfter,
            IssuedBy = certificate.Issuer,
            Serial = certificate.Serial,
            Fingerprint = certificate.Fingerprint,
        };

    /// <summary>Without a certificate there is nothing to schedule.</summary>
    public static PolicyStatus WithSchedule(PolicyStatus status, RenewalDecision? schedule)
        => status with { RenewalTime = schedule?.RenewalTime, RenewalDue = schedule?.FirstDue, RenewalSource = schedule?.Source.ToString() };

    public static PolicyStatus Build(PolicyObservation observation, PolicyStatus status, PolicyDecision decision, RenewalDecision? schedule, DateTimeOffset now)
    {
        var generation = observation.Policy.Metadata.Generation;
        var conditions = new ConditionList(status.Conditions, generation, now);
        var (ready, readyReason, readyMessage) = ReadyState(observation, status, decision, now);
        conditions.Set(Ready, ready, readyReason, readyMessage);

        var (reconciling, why, what) = ReconcilingState(decision, status, schedule);
        conditions.Set(Reconciling, reconciling, why, what);

        if (decision is PolicyDecision.Stalled stalled)
        {
            conditions.Set(Stalled, true, stalled.Reason, stalled.Message);
        }
        else if (decision is PolicyDecision.BackOff { Reason: PolicyReasons.IssuanceLimit } limit)
        {
            conditions.Set(Stalled, true, limit.Reason, limit.Message);
        }
        else if (schedule?.Problem is { } problem)
        {
            conditions.Set(Stalled, true, PolicyReasons.InvalidSpec, Sentences.Of(problem));
        }
        else
        {
            conditions.Set(Stalled, false, PolicyReasons.Ready, "The policy can be carried out.");
        }

        Served(conditions, status);
        return status with
        {
            Phase = Phase(decision, status),
            ObservedGeneration = generation,
            LastRun = decision is PolicyDecision.InProgress progress ? progress.Run.Metadata.Name : status.LastRun,
            Conditions = conditions.ToList(),
        };
    }

    private static string OnlyDry(PolicyDecision.DryRunOnly only)
        => $"spec.dryRunDefault is true, so nothing is issued. {only.Need.Message} Dry run {only.Last.Name} ended {only.Last.Phase}: {only.Last.Message} To issue, set spec.dryRunDefault: false, or annotate the policy with {WellKnown.RenewMode}: {RunMode.Live} and {WellKnown.RenewRequestedAt}.";

    private static (bool Ready, string Reason, string Message) ReadyState(PolicyObservation observation, PolicyStatus status, PolicyDecision decision, DateTimeOffset now)
    {
        if (decision is PolicyDecision.Stalled { Reason: PolicyReasons.SecretConflict or PolicyReasons.SecretForeign or PolicyReasons.SecretWrongType } stalled)
        {
            return (false, stalled.Reason, stalled.Message);
        }

        if (decision is PolicyDecision.DryRunOnly only && (status.NotAfter is null || observation.Secret is SecretFinding.Absent or SecretFinding.Defective))
        {
            return (false, PolicyReasons.DryRunOnly, OnlyDry(only));
        }

        if (observation.Secret is SecretFinding.Absent or SecretFinding.Defective && observation.Resolution.Policy is { } policy)
        {
            var need = RenewalNeeds.From(observation.Secret!, null, policy, null, now)!;
            var why = decision is PolicyDecision.BackOff wait && !wait.Message.StartsWith(need.Message, StringComparison.Ordinal) ? $" {wait.Message}" : "";
            return (false, need.Reason, $"{need.Message}{why}");
        }

        if (decision is PolicyDecision.Stalled invalid && status.NotAfter is null)
        {
            return (false, invalid.Reason, invalid.Message);
        }

        if (decision is PolicyDecision.BackOff backOff && status.NotAfter is null)
        {
            return (false, backOff.Reason, backOff.Message);
        }

        // Also while nothing may be done about it: it is by this condition that the next look knows to read the Secret.
        if (observation is { Secret: SecretFinding.Present present, Resolution.Policy: { } wanted }
            && RenewalNeeds.Mismatch(present, observation.ExpectedFingerprint, wanted) is { } mismatch)
        {
            return (false, mismatch.Reason, mismatch.Message);
        }

        if (status.NotAfter is not { } notAfter)
        {
            return (false, PolicyReasons.DoesNotExist, "No certificate has been issued yet.");
        }

        if (notAfter <= now)
        {
            var why = decision is PolicyDecision.Held ? $" Renewal is held by a rollback. {HowToLift}" : "";
            return (false, PolicyReasons.Expired, $"The certificate expired on {notAfter:yyyy-MM-dd HH:mm} UTC.{why}");
        }

        if (observation.Secret is null && status.Conditions?.FirstOrDefault(c => c.Type == Ready) is { Status: "False" } before)
        {
            return (false, before.Reason, before.Message);
        }

        return (true, PolicyReasons.Ready, $"The certificate is valid until {notAfter:yyyy-MM-dd HH:mm} UTC.");
    }

    private static (bool Reconciling, string Reason, string Message) ReconcilingState(PolicyDecision decision, PolicyStatus status, RenewalDecision? schedule)
        => decision switch
        {
            PolicyDecision.InProgress { Run.Status: { Phase: RunPhase.Queued, Message: { } waits } } queued => (true, queued.Run.Status!.Reason ?? PolicyReasons.Renewing, $"Run {queued.Run.Metadata.Name} is queued. {waits}"),
            PolicyDecision.InProgress => (true, status.NotAfter is null ? PolicyReasons.Issuing : PolicyReasons.Renewing, "A run is in progress."),
            PolicyDecision.Start => (true, status.NotAfter is null ? PolicyReasons.Issuing : PolicyReasons.Renewing, "A run is due and waits for its turn."),
            PolicyDecision.BackOff backOff => (true, PolicyReasons.BackingOff, $"{backOff.Message} The next run starts at {backOff.Until:yyyy-MM-dd HH:mm:ss} UTC."),
            PolicyDecision.DryRunOnly only => (false, PolicyReasons.DryRunOnly, OnlyDry(only)),
            PolicyDecision.Suspended suspended => (false, PolicyReasons.Suspended, suspended.Need is null ? "spec.suspend is true." : $"spec.suspend is true, and a certificate is needed: {suspended.Need.Message}"),
            PolicyDecision.Held held => (false, PolicyReasons.RolledBack, $"The certificate before was put back at {held.Rollback.Since:yyyy-MM-dd HH:mm} UTC and renewal is held. {HowToLift}{(held.Need is null ? "" : $" A new certificate is needed: {held.Need.Message}")}"),
            PolicyDecision.Stalled stalled => (false, stalled.Reason, "See condition Stalled."),
            PolicyDecision.Wait when status.Rollback?.Refused is { } refused => (false, PolicyReasons.RollbackRefused, $"No earlier certificate was put back. {refused}"),
            PolicyDecision.Wait when schedule is { Window: WindowUse.TooLate } => (false, PolicyReasons.Idle, "Nothing to do before the renewal time. No window of spec.windows opens between then and the end of the certificate, so none will be waited for."),
            PolicyDecision.Wait when status.LastDryRun is { } dry && !(status.LastFinishedRun?.FinishedAt > dry.FinishedAt)
                => (false, PolicyReasons.Idle, $"Nothing to do before the renewal time. Dry run {dry.Name} ended {dry.Phase} and issued nothing."),
            _ => (false, PolicyReasons.Idle, $"Nothing to do before the renewal time.{(schedule?.IgnoredAdvice is { } advice ? $" {Sentences.Of(advice)}" : "")}"),
        };

    private static void Served(ConditionList conditions, PolicyStatus status)
    {
        if (status.Snapshot is not { Count: > 0 } snapshot)
        {
            conditions.Remove(ServedCertificateMatches);
            return;
        }

        const string All = "Every endpoint served the certificate in the Secret.";
        if (snapshot.All(s => s.Matches && !ServedFindings.IsRevoked(s)))
        {
            conditions.Set(ServedCertificateMatches, true, PolicyReasons.Matches, All);
            return;
        }

        var (reason, advice) = ServedFindings.Advise(snapshot);
        if (snapshot.All(s => s.Matches))
        {
            conditions.Set(ServedCertificateMatches, true, reason, $"{All} {ServedFindings.Describe(snapshot)} {advice}");
            return;
        }

        var none = status.Fingerprint is null ? "No certificate has been issued yet. " : "";
        conditions.Set(ServedCertificateMatches, false, reason, $"{none}{ServedFindings.Describe(snapshot)} {advice}");
    }

    private static PolicyPhase Phase(PolicyDecision decision, PolicyStatus status)
        => decision switch
        {
            PolicyDecision.InProgress { Run.Status.Phase: RunPhase.Running } => PolicyPhase.Running,
            PolicyDecision.InProgress or PolicyDecision.Start => PolicyPhase.Queued,
            _ => status.LastFinishedRun?.Phase switch
            {
                RunPhase.Failed => PolicyPhase.Failed,
                RunPhase.NeedsManual => PolicyPhase.NeedsManual,
                _ => PolicyPhase.Idle,
            },
        };
}
