using CertOperator.Providers.Dns.Protocol;

namespace CertOperator.Providers.Dns;

/// <summary>Whether CAA records let a CA issue (RFC 8659, and RFC 8657 for accounts and methods). Pure.</summary>
public static class CaaRules
{
    private const string Issue = "issue";
    private const string IssueWild = "issuewild";
    private static readonly HashSet<string> KnownTags = new(StringComparer.OrdinalIgnoreCase) { Issue, IssueWild, "iodef", "contactemail", "contactphone", "issuemail", "issuevmc" };

    /// <param name="records">The records that hold for the name.</param>
    /// <param name="identities">The names that the CA goes by in CAA records.</param>
    /// <param name="wildcard">Whether the certificate is for a wildcard.</param>
    /// <param name="method">The challenge, as in ACME.</param>
    /// <param name="account">URL of the ACME account; null where it is not known.</param>
    /// <returns>Null when the CA may issue; else what forbids it.</returns>
    public static string? FindObstacle(IReadOnlyList<DnsData.Caa> records, IReadOnlyList<string> identities, bool wildcard, string method, Uri? account)
    {
        ArgumentNullException.ThrowIfNull(records);
        if (records.FirstOrDefault(r => r.Critical && !KnownTags.Contains(r.Tag)) is { } unknown)
        {
            return $"the record {Text(unknown)} is critical and of a kind that CAs do not know";
        }

        var relevant = wildcard && records.Any(r => Is(r, IssueWild)) ? records.Where(r => Is(r, IssueWild)).ToList() : records.Where(r => Is(r, Issue)).ToList();
        if (relevant.Count == 0)
        {
            return null;
        }

        string? nearest = null;
        foreach (var record in relevant)
        {
            var (issuer, parameters) = Parse(record.Value);
            if (!identities.Contains(issuer, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            if (parameters.GetValueOrDefault("validationmethods") is { } methods && !methods.Split(',').Contains(method, StringComparer.OrdinalIgnoreCase))
            {
                nearest = $"the record {Text(record)} does not allow {method}";
            }
            else if (account is not null && parameters.GetValueOrDefault("accounturi") is { } uri && uri != account.AbsoluteUri)
            {
                nearest = $"the record {Text(record)} names another ACME account than {account}";
            }
            else
            {
                return null;
            }
        }

        return nearest ?? $"only {string.Join(", ", relevant.Select(Text))} may issue, and the CA goes by {string.Join(", ", identities)}";
    }

    private static bool Is(DnsData.Caa record, string tag) => record.Tag.Equals(tag, StringComparison.OrdinalIgnoreCase);

    private static string Text(DnsData.Caa record) => $"{record.Tag} \"{record.Value}\"";

    private static (string Issuer, Dictionary<string, string> Parameters) Parse(string value)
    {
        var parts = value.Split(';', StringSplitOptions.TrimEntries);
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.Skip(1).Select(p => p.Split('=', 2, StringSplitOptions.TrimEntries)).Where(p => p.Length == 2))
        {
            parameters.TryAdd(part[0], part[1]);
        }

        return (parts[0], parameters);
    }
}
