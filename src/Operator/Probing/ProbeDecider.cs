using CertOperator.Crds.Runs;
using CertOperator.Operator.Policies;

namespace CertOperator.Operator.Probing;

/// <summary>Decides when the endpoints of a policy are asked, and what an answer means. Pure.</summary>
public static class ProbeDecider
{
    /// <summary>A run that brings a certificate into use asks the endpoints itself.</summary>
    private static readonly TimeSpan RunInProgress = TimeSpan.FromSeconds(30);

    public static ProbeDecision Decide(ProbeObservation observation, DateTimeOffset now)
    {
        var policy = observation.Policy;
        var last = observation.Last?.PolicyUid == policy.Metadata.Uid ? observation.Last : null;
        if (PolicyProbing.Request(policy, policy.Status) is { } request && request != last?.Request)
        {
            return new ProbeDecision.Ask(request);
        }

        if (observation.ExpectedFingerprint is null)
        {
            return new ProbeDecision.Nothing();
        }

        if (observation.Runs.Any(r => r.Status is { Phase: RunPhase.Running, CurrentStep: >= StepName.StoreSecret }))
        {
            return new ProbeDecision.Wait(RunInProgress);
        }

        var due = Due(observation, last, now);
        due = due > observation.NotBefore ? due : observation.NotBefore;
        return due > now ? new ProbeDecision.Wait(due - now) : new ProbeDecision.Ask(null);
    }

    /// <param name="observation">What the decision to ask rested on.</param>
    /// <param name="request">The annotation's value that asked; null where it was time.</param>
    /// <param name="snapshot">What was served.</param>
    public static ProbeOutcome Conclude(ProbeObservation observation, string? request, IReadOnlyList<EndpointSnapshot> snapshot)
    {
        var policy = observation.Policy;
        snapshot = PolicyProbing.Remembering(policy.Status?.Snapshot, snapshot);
        var matches = snapshot.All(s => s.Matches);
        var inTrouble = policy.Status?.Snapshot?.Any(s => !s.Matches) == true
            || (observation.Last is { IsCertain: false } last && last.PolicyUid == policy.Metadata.Uid);
        return new ProbeOutcome
        {
            PolicyUid = policy.Metadata.Uid!,
            Generation = policy.Metadata.Generation,
            At = snapshot.Max(s => s.CheckedAt),
            Matches = matches,
            IsCertain = matches || inTrouble || request is not null,
            Request = request,
            Snapshot = request is null && PolicyProbing.SaysTheSame(policy.Status?.Snapshot, snapshot) ? null : snapshot,
        };
    }

    /// <summary>Whoever asked last, this process by itself or a run, has the word.</summary>
    private static DateTimeOffset Due(ProbeObservation observation, ProbeOutcome? last, DateTimeOffset now)
    {
        var seed = observation.Policy.Metadata.Uid!;
        var stored = observation.Policy.Status?.Snapshot is { Count: > 0 } snapshot ? snapshot : null;
        var storedAt = PolicyProbing.LastLook(stored, now);
        if (last is not null && !(storedAt > last.At))
        {
            return last.Generation != observation.Policy.Metadata.Generation ? now
                : last.At + (last.IsCertain ? ProbeSchedule.Next(observation.Interval, last.Matches, seed) : ProbeSchedule.Confirmation);
        }

        return storedAt is null || !PolicyProbing.IsAbout(stored!, observation.Verification) ? now
            : storedAt.Value + ProbeSchedule.Next(observation.Interval, stored!.All(s => s.Matches), seed);
    }
}
