using System.Net;

namespace CertOperator.Crds.Rules;

/// <summary>
/// The domain that certificate authorities count certificates by: one label more than a public suffix. A rule instead of the Public
/// Suffix List: the last two labels, or three where the last but one is a customary second level under a country's code, such as co.uk.
/// Where the list knows a longer suffix (github.io) the rule counts names together that a CA counts apart, so it waits
/// too long rather than too short.
/// </summary>
public static class RegisteredDomain
{
    private static readonly HashSet<string> SecondLevels = new(StringComparer.OrdinalIgnoreCase)
    {
        "ac", "ad", "co", "com", "ed", "edu", "go", "gob", "gouv", "gov", "govt", "gv", "id", "ltd", "me", "mil", "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch", "school",
    };

    /// <param name="name">A DNS name, with or without a wildcard.</param>
    /// <returns>In lower case; null for IP addresses, which are counted by nobody's domain.</returns>
    public static string? Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (IPAddress.TryParse(name, out _))
        {
            return null;
        }

        var labels = name.TrimEnd('.').Split('.');
        var wanted = labels.Length > 2 && labels[^1].Length == 2 && SecondLevels.Contains(labels[^2]) ? 3 : 2;
        return string.Join('.', labels.TakeLast(wanted)).ToLowerInvariant();
    }

    /// <summary>The domains of several names, each once.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> names) => [.. names.Select(Of).OfType<string>().Distinct(StringComparer.Ordinal)];
}
