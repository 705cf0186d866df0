using System.Text.RegularExpressions;

namespace CertOperator.Kubernetes;

/// <summary>
/// A label selector as the API server reads it: requirements joined by commas, each one of <c>key</c>, <c>!key</c>,
/// <c>key=value</c>, <c>key==value</c>, <c>key!=value</c>, <c>key in (a,b)</c> and <c>key notin (a,b)</c>.
/// </summary>
public sealed partial class LabelSelector
{
    private readonly List<Requirement> _requirements = [];

    private LabelSelector()
    {
    }

    /// <param name="selector">Null or empty selects everything.</param>
    /// <exception cref="FormatException">It is not a label selector.</exception>
    public static LabelSelector Parse(string? selector)
    {
        var parsed = new LabelSelector();
        if (string.IsNullOrWhiteSpace(selector))
        {
            return parsed;
        }

        int position = 0;
        do
        {
            Match match = RequirementPattern().Match(selector, position);
            if (!match.Success)
            {
                throw new FormatException($"\"{selector}\" is not a label selector: expected key, !key, key=value, key!=value, key in (a,b) or key notin (a,b) at position {position}.");
            }

            parsed._requirements.Add(Requirement.From(match));
            position = match.Index + match.Length;
        }
        while (position < selector.Length);

        return parsed;
    }

    /// <param name="labels">An object's labels; null is the same as none.</param>
    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        foreach (Requirement requirement in _requirements)
        {
            if (!requirement.Holds(labels))
            {
                return false;
            }
        }

        return true;
    }

    // A comma is followed by a further requirement.
    [GeneratedRegex(
        @"\G\s*(?:(?<not>!)\s*(?<key>[\w./-]+)|(?<key>[\w./-]+)\s+(?<op>in|notin)\s*\(\s*(?<values>[\w.\s,-]*)\)|(?<key>[\w./-]+)\s*(?:(?<op>==|=|!=)\s*(?<value>[\w.-]*))?)\s*(?:$|,(?=.))",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex RequirementPattern();

    /// <param name="Key">The label.</param>
    /// <param name="Values">One of these; null: any.</param>
    /// <param name="Negated">The opposite; an object without the label fulfils it.</param>
    private sealed record Requirement(string Key, IReadOnlyList<string>? Values, bool Negated)
    {
        public static Requirement From(Match match)
        {
            string key = match.Groups["key"].Value;
            return match.Groups["op"].Value switch
            {
                "in" or "notin" => new(key, match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries), match.Groups["op"].Value == "notin"),
                "" => new(key, null, match.Groups["not"].Success),
                var op => new(key, [match.Groups["value"].Value], op == "!="),
            };
        }

        public bool Holds(IReadOnlyDictionary<string, string>? labels)
        {
            bool has = labels is not null && labels.TryGetValue(Key, out string? value) && (Values is null || Values.Contains(value, StringComparer.Ordinal));
            return has != Negated;
        }
    }
}
