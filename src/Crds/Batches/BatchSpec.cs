using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Batches;

/// <summary>Which policies are renewed, how, and how fast.</summary>
public sealed record BatchSpec
{
    /// <summary>Labels of the policies. Default: all policies of the namespaces. Not to be changed once the batch has begun.</summary>
    public BatchSelector? Selector { get; init; }

    /// <summary>Namespaces of the policies. Default: that of the batch. Another one has to accept batches from here, in field batches.acceptFrom of its CertificateRenewalSettings "default". Not to be changed once the batch has begun.</summary>
    [Items(1, 100)]
    [Length(1, 63)]
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>Only policies whose certificate has at most this many days to live, expired ones too. Default: all that have a certificate or want one. Not to be changed once the batch has begun.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(3650)]
    public int? DaysUntilExpiry { get; init; }

    /// <summary>DryRun only plans: the status says which policies would be renewed, by which provider and at what cost. Live renews them; a DryRun batch becomes one when this is changed to Live, and is then planned anew. Default: DryRun.</summary>
    public BatchMode? Mode { get; init; }

    /// <summary>CostAware asks the cheapest of the providers that each policy allows and that can issue its certificate; PolicyDefault asks the one that a scheduled run would. Default: CostAware. Not to be changed once the batch has begun.</summary>
    public BatchStrategy? Strategy { get; init; }

    /// <summary>How many of its runs may be in progress at once. Default: 10.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1000)]
    public int? MaxConcurrent { get; init; }

    /// <summary>How many runs may start in an hour, evenly spread: 60 is one a minute. Default: as many as maxConcurrent allows.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(100000)]
    public int? MaxPerHour { get; init; }

    /// <summary>The batch stops when this many of its runs have failed or need a person. Default: 10.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(100000)]
    public int? StopAfterFailures { get; init; }

    /// <summary>While true no run starts. Runs in progress are finished.</summary>
    public bool? Pause { get; init; }

    /// <summary>True ends the batch: no further run starts, runs in progress are finished. That cannot be taken back.</summary>
    public bool? Cancel { get; init; }
}

/// <summary>Labels that policies have to carry; where both fields are given, both must fit.</summary>
public sealed record BatchSelector
{
    [Items(0, 20)]
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    [Items(0, 20)]
    public IReadOnlyList<LabelRequirement>? MatchExpressions { get; init; }
}

/// <summary>What one label has to be.</summary>
public sealed record LabelRequirement
{
    [Required]
    [Length(1, 317)]
    public string Key { get; init; } = "";

    [Required]
    public LabelOperator Operator { get; init; }

    /// <summary>For In and NotIn; empty for Exists and DoesNotExist.</summary>
    [Items(0, 100)]
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>How a label is compared, as in selectors of Kubernetes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LabelOperator>))]
public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// <summary>Whether a batch renews or only plans.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchMode>))]
public enum BatchMode
{
    DryRun,
    Live,
}

/// <summary>Which provider is asked.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchStrategy>))]
public enum BatchStrategy
{
    CostAware,
    PolicyDefault,
}

/// <summary>What a batch may not change once it has begun.</summary>
public sealed record BatchPlanKey
{
    public BatchSelector? Selector { get; init; }

    public IReadOnlyList<string>? Namespaces { get; init; }

    public int? DaysUntilExpiry { get; init; }

    public BatchStrategy? Strategy { get; init; }

    public BatchMode? Mode { get; init; }
}
