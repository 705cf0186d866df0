using System.Text.Json.Serialization;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>What was observed for one host.</summary>
public sealed record PolicyStatus
{
    /// <summary>Idle, or the phase of the run in progress; Failed or NeedsManual after a run that ended so.</summary>
    public PolicyPhase? Phase { get; init; }

    /// <summary>Ready, Reconciling, Stalled, ServedCertificateMatches, IncidentOpen.</summary>
    [ListMapKey("type")]
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>Generation of the spec that this status speaks of.</summary>
    public long? ObservedGeneration { get; init; }

    [JsonConverter(typeof(UtcSecondsConverter))]
    public DateTimeOffset? NotBefore { get; init; }

    [JsonConverter(typeof(UtcSecondsConverter))]
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>When the next scheduled run starts; where the policy has windows, in the one that is open or opens next.</summary>
    [JsonConverter(typeof(UtcSecondsConverter))]
    public DateTimeOffset? RenewalTime { get; init; }

    /// <summary>When the renewal was due first, where renewalTime is another: a window of spec.windows has closed since without a renewal.</summary>
    public DateTimeOffset? RenewalDue { get; init; }

    /// <summary>What renewalTime follows from: LastThird, RenewBefore, Percentage or Ari (RFC 9773).</summary>
    public string? RenewalSource { get; init; }

    /// <summary>Issuer of the certificate in the Secret.</summary>
    public string? IssuedBy { get; init; }

    /// <summary>Serial number of the certificate in the Secret, hexadecimal.</summary>
    public string? Serial { get; init; }

    /// <summary>SHA-256 of the certificate in the Secret, hexadecimal.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Name of the latest run.</summary>
    public string? LastRun { get; init; }

    /// <summary>The provider that the next run asks, where repeated failures lead to another than spec.provider.</summary>
    public CertificateProviderKind? Provider { get; init; }

    /// <summary>Runs that failed since the last success.</summary>
    public int? ConsecutiveFailures { get; init; }

    /// <summary>Runs in a row that got no certificate: after three, the next of spec.allowedProviders has its turn.</summary>
    public int? IssuanceFailures { get; init; }

    /// <summary>True where a run that somebody asked for has failed: it is tried again, although no certificate is due.</summary>
    public bool? RetryRequested { get; init; }

    /// <summary>After a failure: when the next scheduled run may start.</summary>
    public DateTimeOffset? NextAttemptTime { get; init; }

    /// <summary>What the endpoints serve. They are asked from time to time; it is written when the answer is another one, or was asked for.</summary>
    public IReadOnlyList<EndpointSnapshot>? Snapshot { get; init; }

    /// <summary>When the CA suggests to renew (RFC 9773).</summary>
    public RenewalInfoStatus? RenewalInfo { get; init; }

    /// <summary>True where the certificate was obtained because the CA advised to renew the one before it.</summary>
    public bool? RenewedOnAdvice { get; init; }

    /// <summary>Times of the issuances of the last seven days, for cooldown, budgets and the limit on runaway issuance.</summary>
    public IReadOnlyList<DateTimeOffset>? RecentIssuances { get; init; }

    /// <summary>Times of the orders of the last seven days, for the budget of the account.</summary>
    public IReadOnlyList<DateTimeOffset>? RecentOrders { get; init; }

    /// <summary>Times at which the CA refused a challenge in the last seven days, for the budget of failed validations.</summary>
    public IReadOnlyList<DateTimeOffset>? RecentFailedValidations { get; init; }

    /// <summary>The last finished run that this status has taken into account.</summary>
    public AccountedRun? LastFinishedRun { get; init; }

    /// <summary>The last dry run; its report is in the run's status.</summary>
    public DryRunSummary? LastDryRun { get; init; }

    /// <summary>The rollback that was asked for last; absent where there was none and when it was lifted.</summary>
    public RollbackStatus? Rollback { get; init; }

    /// <summary>What is open since a run failed or needed a person; absent while all is well.</summary>
    public IncidentStatus? Incident { get; init; }

    /// <summary>What the targets of spec.deploy are known by at their providers, and which certificate each has.</summary>
    public IReadOnlyList<TargetState>? Targets { get; init; }

    /// <summary>Annotation values that were acted on.</summary>
    public HandledRequests? Handled { get; init; }
}

/// <summary>What is known of a target.</summary>
public sealed record TargetState
{
    /// <summary>Which one: what the policy says of it.</summary>
    public string Target { get; init; } = "";

    /// <summary>What the provider knows it by: an ARN, or the full name of a certificate. Absent where something was about to be made and no answer came.</summary>
    public string? RemoteId { get; init; }

    /// <summary>SHA-256 of the certificate that it has, hexadecimal; absent where that is not known, as after a try that failed.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>When it got that.</summary>
    public DateTimeOffset? UploadedAt { get; init; }
}

/// <summary>A finished run as the policy remembers it.</summary>
public sealed record AccountedRun
{
    public string Name { get; init; } = "";

    public RunPhase Phase { get; init; }

    public DateTimeOffset FinishedAt { get; init; }

    /// <summary>True where the run wrote an earlier certificate again and none was issued.</summary>
    public bool? Restored { get; init; }

    /// <summary>True where the run did not succeed and yet wrote its certificate to the Secret before that.</summary>
    public bool? Stored { get; init; }

    /// <summary>Generation of the policy that the run worked on.</summary>
    public long? Generation { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    /// <summary>The earliest time at which the CA wants to be asked again.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The CA that said so: a policy that names another one need not wait.</summary>
    public string? Server { get; init; }
}

/// <summary>A dry run as the policy remembers it.</summary>
public sealed record DryRunSummary
{
    public string Name { get; init; } = "";

    public RunPhase Phase { get; init; }

    public DateTimeOffset FinishedAt { get; init; }

    /// <summary>Generation of the policy that the run worked on.</summary>
    public long? Generation { get; init; }

    /// <summary>Why the run was made, one word.</summary>
    public string? Reason { get; init; }

    public string? Message { get; init; }
}

/// <summary>The CA's suggested window and when it will be asked again.</summary>
public sealed record RenewalInfoStatus
{
    /// <summary>The certificate that the window is for: key identifier and serial as RFC 9773, section 4.1 writes them.</summary>
    public string CertificateId { get; init; } = "";

    public DateTimeOffset? WindowStart { get; init; }

    public DateTimeOffset? WindowEnd { get; init; }

    public string? ExplanationUrl { get; init; }

    public DateTimeOffset NextPoll { get; init; }
}

/// <summary>The last value of each requesting annotation that was acted on.</summary>
public sealed record HandledRequests
{
    public string? RenewRequestedAt { get; init; }

    public string? RollbackRequestedAt { get; init; }

    public string? CheckRequestedAt { get; init; }

    /// <summary>Forgotten when the annotation is removed, so that the same name asks anew.</summary>
    public string? ResolveWithSecret { get; init; }
}
