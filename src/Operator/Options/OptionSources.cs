namespace CertOperator.Operator.Options;

/// <summary>Where options come from.</summary>
public sealed record OptionSources
{
    /// <summary>Flags that were given, by name with dashes, as typed; a list given several times is joined with commas.</summary>
    public IReadOnlyDictionary<string, string> Flags { get; init; } = new Dictionary<string, string>();

    /// <summary>The process environment, whole.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Namespace of the pod that this process runs in; null outside a pod.</summary>
    public string? PodNamespace { get; init; }
}

/// <summary>The outcome of <see cref="OptionsParser"/>.</summary>
/// <param name="Options">The options, or null when there are errors.</param>
/// <param name="Errors">Every error, each a sentence that names its source.</param>
/// <param name="Warnings">What looks like a mistake but may be meant for someone else.</param>
public sealed record OptionsResult(OperatorOptions? Options, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings);
