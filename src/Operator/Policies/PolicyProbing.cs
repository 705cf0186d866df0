using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;

namespace CertOperator.Operator.Policies;

/// <summary>What a look at the endpoints means for a policy's status. Pure.</summary>
public static class PolicyProbing
{
    /// <summary>Clocks of two replicas differ; not by more than this.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>An annotation value that has not been acted on.</summary>
    public static string? Request(CertificateRenewalPolicy policy, PolicyStatus? status)
        => policy.Metadata.Annotations?.GetValueOrDefault(WellKnown.CheckRequestedAt) is { Length: > 0 } value && value != status?.Handled?.CheckRequestedAt
            ? value
            : null;

    /// <summary>Takes what was seen into the status where it is something else than before, or was asked for.</summary>
    /// <param name="status">As it is stored, or built so far.</param>
    /// <param name="observation">What is known now.</param>
    /// <param name="now">The time.</param>
    public static PolicyStatus Take(PolicyStatus status, PolicyObservation observation, DateTimeOffset now)
    {
        var policy = observation.Policy;
        if (observation.Resolution.Policy is not { Verification: var verification })
        {
            return status;
        }

        var open = Request(policy, status);
        if (verification.Endpoints.Count == 0)
        {
            // There is nothing that could be asked, so that is the whole answer.
            return Handled(status.Snapshot is null ? status : status with { Snapshot = null }, open);
        }

        if (status.Snapshot is { } stored && !IsAbout(stored, verification))
        {
            status = status with { Snapshot = Remaining(stored, verification) };
        }

        if (observation.Probe is not { IsCertain: true, Snapshot: { } seen } probe || probe.PolicyUid != policy.Metadata.Uid || !IsAbout(seen, verification))
        {
            return status;
        }

        var answers = open is not null && open == probe.Request;
        var expected = PolicyObservation.ExpectedIn(observation.Runs, policy);
        IReadOnlyList<EndpointSnapshot> taken = [.. seen.Select(s => s with { Matches = expected is not null && s.Certificate?.Fingerprint == expected })];
        if (!(LastLook(status.Snapshot, now) >= probe.At) && (answers || !SaysTheSame(status.Snapshot, taken)))
        {
            status = status with { Snapshot = taken };
        }

        return answers ? Handled(status, open) : status;
    }

    /// <summary>When the endpoints were asked last; null where nothing is known of it, as after a clock that was far ahead.</summary>
    public static DateTimeOffset? LastLook(IReadOnlyList<EndpointSnapshot>? snapshot, DateTimeOffset now)
        => snapshot is { Count: > 0 } && snapshot.Max(s => s.CheckedAt) is var at && at <= now + ClockSkew ? at : null;

    /// <summary>Whether the endpoints have shown something that the stored status does not tell yet.</summary>
    public static bool IsNews(PolicyStatus? stored, PolicyStatus built)
        => stored?.Handled?.CheckRequestedAt != built.Handled?.CheckRequestedAt || !SaysTheSame(stored?.Snapshot, built.Snapshot);

    /// <summary>Whether two looks saw the same; when they were made does not matter.</summary>
    public static bool SaysTheSame(IReadOnlyList<EndpointSnapshot>? a, IReadOnlyList<EndpointSnapshot>? b)
        => ReferenceEquals(a, b) || (a ?? []).Select(Facts).SequenceEqual((b ?? []).Select(Facts));

    /// <summary>What was seen, with what is known of revocation: no certificate is good again because a server was asked that had no response at hand.</summary>
    public static IReadOnlyList<EndpointSnapshot> Remembering(IReadOnlyList<EndpointSnapshot>? stored, IReadOnlyList<EndpointSnapshot> seen)
        => [.. seen.Select(s => s.Ocsp is null && RevocationOf(s, stored) is { } revoked ? s with { Ocsp = revoked } : s)];

    /// <summary>Whether a snapshot tells of the endpoints that the policy names now.</summary>
    public static bool IsAbout(IReadOnlyList<EndpointSnapshot> snapshot, ResolvedVerification verification)
        => snapshot.Select(s => s.Endpoint).SequenceEqual(verification.Endpoints.Select(e => e.ToString()));

    private static List<EndpointSnapshot>? Remaining(IReadOnlyList<EndpointSnapshot> snapshot, ResolvedVerification verification)
    {
        var named = verification.Endpoints.Select(e => e.ToString()).ToHashSet(StringComparer.Ordinal);
        return snapshot.Where(s => named.Contains(s.Endpoint)).ToList() is { Count: > 0 } remaining ? remaining : null;
    }

    private static OcspStaple? RevocationOf(EndpointSnapshot seen, IReadOnlyList<EndpointSnapshot>? stored)
        => stored?.FirstOrDefault(s => s.Endpoint == seen.Endpoint && s.Ocsp?.Status == OcspStatus.Revoked && s.Certificate?.Fingerprint == seen.Certificate?.Fingerprint)?.Ocsp;

    private static object Facts(EndpointSnapshot s) => (s.Endpoint, s.Matches, s.Reachable, s.Certificate?.Fingerprint, s.ChainLength, s.Protocol, s.Trusted, s.Ocsp?.Status, s.Message);

    private static PolicyStatus Handled(PolicyStatus status, string? request)
        => request is null ? status : status with { Handled = (status.Handled ?? new HandledRequests()) with { CheckRequestedAt = request } };
}
