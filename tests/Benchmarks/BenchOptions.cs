using System.Diagnostics.CodeAnalysis;
using CertOperator.Benchmarks.Measurements;

namespace CertOperator.Benchmarks;

/// <summary>What to measure and how thoroughly.</summary>
public sealed record BenchOptions
{
    private const string Usage =
        """
        usage: hack/bench.sh [--quick] [--only NAME]...      (make bench ARGS="...")

          --quick        small numbers: shows that everything works, says little about speed
          --only NAME    only what gives this figure, or those whose names begin so; may be repeated
          --keep-logs D  copies the logs of the operator into folder D

        """;

    /// <summary>Small numbers.</summary>
    public bool Quick { get; init; }

    /// <summary>Beginnings of names of figures; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Of these <see cref="Only"/> means the figure itself: rss_mb_500 begins rss_mb_5000 too.</summary>
    private IReadOnlySet<string> WholeNames { get; init; } = new HashSet<string>();

    /// <summary>Where logs of the operator are copied to; null for nowhere.</summary>
    public string? LogFolder { get; init; }

    public bool Selects(IMeasurement measurement)
        => Only.Count == 0 || Only.Any(name => measurement.Figures.Any(f => WholeNames.Contains(name) ? f == name : f.StartsWith(name, StringComparison.Ordinal)));

    public static bool TryParse(
        IReadOnlyList<string> arguments,
        IReadOnlyList<IMeasurement> all,
        [NotNullWhen(true)] out BenchOptions? options,
        [NotNullWhen(false)] out string? error)
    {
        options = null;
        var parsed = new BenchOptions { WholeNames = all.SelectMany(m => m.Figures).ToHashSet(StringComparer.Ordinal) };
        for (var i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    parsed = parsed with { Quick = true };
                    break;

                case "--only" when i + 1 < arguments.Count:
                    parsed = parsed with { Only = [.. parsed.Only, arguments[++i]] };
                    break;

                case "--keep-logs" when i + 1 < arguments.Count:
                    parsed = parsed with { LogFolder = arguments[++i] };
                    break;

                case "--help" or "-h":
                    error = Usage + Figures(all);
                    return false;

                default:
                    error = $"What does {arguments[i]} mean?\n{Usage}";
                    return false;
            }
        }

        if (!all.Any(parsed.Selects))
        {
            error = $"No figure begins with {string.Join(" or ", parsed.Only)}.\n{Figures(all)}";
            return false;
        }

        options = parsed;
        error = null;
        return true;
    }

    private static string Figures(IReadOnlyList<IMeasurement> all) => $"figures:\n{string.Join('\n', all.Select(m => "  " + string.Join(", ", m.Figures)))}";
}
