using System.CommandLine;
using CertOperator.Operator.Options;

namespace CertOperator.Operator.Commands;

/// <summary>The flags of <c>run</c>, made from <see cref="OptionTable"/>. Values stay text: the option parser checks those of all sources alike.</summary>
internal sealed class RunFlags
{
    private readonly IReadOnlyList<Option> _options =
    [
        new Option<string>(OptionTable.ConfigFlag)
        {
            HelpName = "FILE",
            Description = $"{OptionTable.ConfigDescription} [{OptionTable.ConfigVariable}]",
        },
        .. OptionTable.All.Select(Create),
    ];

    public void AddTo(Command command)
    {
        foreach (var option in _options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The flags that were given.</summary>
    public IReadOnlyDictionary<string, string> Read(ParseResult parsed)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in _options)
        {
            if (parsed.GetResult(option) is { Implicit: false } result)
            {
                given[option.Name] = result.Tokens is [] && option.Arity.MinimumNumberOfValues == 0
                    ? "true"
                    : string.Join(',', result.Tokens.Select(t => t.Value));
            }
        }

        return given;
    }

    private static Option Create(OptionDefinition definition)
    {
        var description = $"{definition.Description} Default: {definition.Default}. [{definition.EnvironmentVariable}]";
        return definition.IsList
            ? new Option<string[]>(definition.Flag) { HelpName = definition.ValueName, Description = description }
            : new Option<string>(definition.Flag)
            {
                HelpName = definition.ValueName,
                Description = description,
                Arity = definition.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            };
    }
}
