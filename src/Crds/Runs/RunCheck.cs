using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Runs;

/// <summary>One check of a dry run.</summary>
public sealed record RunCheck
{
    /// <summary>The step that made the check.</summary>
    [Required]
    public StepName Step { get; init; }

    /// <summary>What was checked, one word.</summary>
    [Required]
    public string Check { get; init; } = "";

    /// <summary>Of what: a name, an endpoint, a Secret, a workload.</summary>
    public string? Subject { get; init; }

    [Required]
    public CheckResult Result { get; init; }

    /// <summary>What was seen, and what to do where that is not good.</summary>
    public string? Evidence { get; init; }
}

/// <summary>How a check ended: Failed where a live run would fail, Warning where it would succeed but not as well as it should, Skipped where nothing could be or had to be found out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckResult>))]
public enum CheckResult
{
    Passed,
    Failed,
    Warning,
    Skipped,
}
