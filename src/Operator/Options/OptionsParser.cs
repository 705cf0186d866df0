using System.Text.RegularExpressions;

namespace CertOperator.Operator.Options;

/// <summary>Puts options together: flags win over environment variables, these over the file, this over the defaults.</summary>
public static partial class OptionsParser
{
    /// <summary>Reads all sources and checks every value, also those that another source overrides.</summary>
    public static OptionsResult Parse(OptionSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var errors = new List<string>();
        var file = ReadFile(sources, errors);
        var options = new OperatorOptions();
        if (sources.PodNamespace is { } podNamespace)
        {
            options = options with { LeaseNamespace = podNamespace };
        }

        foreach (var option in OptionTable.All)
        {
            options = Apply(options, option, file.Source(option.Name), file.Values.GetValueOrDefault(option.Name), errors);
            // An empty variable is how a template says "not set".
            var variable = sources.Environment.GetValueOrDefault(option.EnvironmentVariable) is { Length: > 0 } text ? text : null;
            options = Apply(options, option, option.EnvironmentVariable, variable, errors);
            options = Apply(options, option, option.Flag, sources.Flags.GetValueOrDefault(option.Flag), errors);
        }

        if (errors is [])
        {
            Together(options, errors);
        }

        return new OptionsResult(errors is [] ? options : null, errors, [.. Strangers(sources.Environment)]);
    }

    private static OperatorOptions Apply(OperatorOptions options, OptionDefinition option, string source, string? text, List<string> errors)
    {
        if (text is null)
        {
            return options;
        }

        if (option.Apply(options, text) is { } applied)
        {
            return applied;
        }

        var shown = text.Length > 100 ? text[..100] + "..." : text;
        errors.Add($"{source}: \"{shown}\" is not accepted; {option.Explain?.Invoke(text) ?? $"give {option.Accepts}"}.");
        return options;
    }

    private static OptionsFile ReadFile(OptionSources sources, List<string> errors)
    {
        var (source, path) = sources.Flags.TryGetValue(OptionTable.ConfigFlag, out var flag)
            ? (OptionTable.ConfigFlag, flag)
            : (OptionTable.ConfigVariable, sources.Environment.GetValueOrDefault(OptionTable.ConfigVariable));
        return string.IsNullOrEmpty(path) && source == OptionTable.ConfigVariable
            ? OptionsFile.None
            : OptionsFile.Read(source, path ?? "", errors);
    }

    /// <summary>What no single value shows.</summary>
    private static void Together(OperatorOptions options, List<string> errors)
    {
        var listeners = new[]
        {
            ("--http01-listen", options.Http01Listen), ("--metrics-listen", options.MetricsListen), ("--health-listen", options.HealthListen),
        };
        var clashes = from a in listeners
                      from b in listeners
                      where string.CompareOrdinal(a.Item1, b.Item1) < 0 && a.Item2.Port != 0 && a.Item2.Equals(b.Item2)
                      select $"{a.Item1} and {b.Item1} are both {a.Item2}; give each a port of its own.";
        errors.AddRange(clashes);
        errors.AddRange(options.MasterKeyWrapping.FindProblems());
        if (options.MetricsTlsCertFile is null != options.MetricsTlsKeyFile is null)
        {
            errors.Add("--metrics-tls-cert-file and --metrics-tls-key-file belong together; give both, or neither for a certificate of the operator's own.");
        }
    }

    /// <summary>
    /// Variables with our prefix that no option reads. Not errors: for a Service named certoperator Kubernetes itself sets
    /// CERTOPERATOR_SERVICE_HOST, CERTOPERATOR_PORT and more, which are passed over in silence.
    /// </summary>
    private static IEnumerable<string> Strangers(IReadOnlyDictionary<string, string> environment)
    {
        var known = OptionTable.All.Select(o => o.EnvironmentVariable).Append(OptionTable.ConfigVariable).ToHashSet(StringComparer.Ordinal);
        return from name in environment.Keys.Order(StringComparer.Ordinal)
               where name.StartsWith(OptionDefinition.EnvironmentPrefix, StringComparison.Ordinal)
                   && !known.Contains(name)
                   && !ServiceLink().IsMatch(name)
               select $"{name} is set, but no option is called so.";
    }

    [GeneratedRegex(@"_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$")]
    private static partial Regex ServiceLink();
}
