namespace CertOperator.Operator.Options;

/// <summary>One option: its names, its words in the help, and how a text becomes a value.</summary>
public sealed record OptionDefinition
{
    /// <summary>The key in a file, the flag without its dashes.</summary>
    public required string Name { get; init; }

    /// <summary>Placeholder of the value in the help.</summary>
    public required string ValueName { get; init; }

    public required string Description { get; init; }

    /// <summary>What is accepted, to end the sentence "give ...".</summary>
    public required string Accepts { get; init; }

    /// <summary>What holds when the option is not given, in words or as it would be typed.</summary>
    public required string Default { get; init; }

    /// <summary>Whether several values may be given, apart by commas.</summary>
    public bool IsList { get; init; }

    /// <summary>Whether the flag alone means true.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>Says of a text that is not accepted what is wrong with it; null where <see cref="Accepts"/> says enough.</summary>
    public Func<string, string?>? Explain { get; init; }

    /// <summary>The options with this one set, or null when the text is not accepted.</summary>
    public required Func<OperatorOptions, string, OperatorOptions?> Apply { get; init; }

    public string Flag => "--" + Name;

    public string EnvironmentVariable => EnvironmentPrefix + Name.ToUpperInvariant().Replace('-', '_');

    internal const string EnvironmentPrefix = "CERTOPERATOR_";
}
