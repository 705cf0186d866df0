using System.Text.Json.Serialization;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Runs;

/// <summary>What was asked for.</summary>
public sealed record RunSpec
{
    /// <summary>The policy, in the same namespace.</summary>
    [Required]
    public PolicyReference PolicyRef { get; init; } = new();

    /// <summary>Live issues a certificate. DryRun checks all that comes before, changes nothing and ends with a report. Default: what dryRunDefault of the policy says.</summary>
    public RunMode? Mode { get; init; }

    /// <summary>What started the run. Default: Manual.</summary>
    public RunTrigger? Trigger { get; init; }

    /// <summary>The provider to ask, one of spec.provider and spec.allowedProviders of the policy. Default: spec.provider.</summary>
    public CertificateProviderKind? Provider { get; init; }

    /// <summary>Who or what asked for the run, as they said.</summary>
    [Length(0, 256)]
    public string? RequestedBy { get; init; }
}

/// <summary>Name of a policy in the same namespace.</summary>
public sealed record PolicyReference
{
    [Required]
    [Length(1, 253)]
    public string Name { get; init; } = "";
}

/// <summary>Whether a run changes anything.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunMode>))]
public enum RunMode
{
    Live,
    DryRun,
}

/// <summary>What started a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunTrigger>))]
public enum RunTrigger
{
    Manual,
    Scheduled,
    Batch,
}

/// <summary>Where a run stands. Succeeded, Failed and NeedsManual are final.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunPhase>))]
public enum RunPhase
{
    Queued,
    Running,
    Succeeded,
    Failed,
    NeedsManual,
}

/// <summary>The steps of a run, in their order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepName>))]
public enum StepName
{
    Preflight,
    PrepareKey,
    PlaceOrder,
    SolveChallenges,
    Finalize,
    StoreSecret,
    Deploy,
    Verify,
    CleanUp,
}

/// <summary>Where a step stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepState>))]
public enum StepState
{
    Pending,
    Running,
    Done,
    Failed,
    Skipped,
}
