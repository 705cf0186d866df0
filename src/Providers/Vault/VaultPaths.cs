using System.Text.RegularExpressions;

namespace CertOperator.Providers.Vault;

/// <summary>What may stand in a request's path. A name that leads elsewhere, such as one with two dots, is refused before any request is made. Pure.</summary>
public static partial class VaultPaths
{
    /// <summary>Where engines are mounted, and paths in a KV engine: several segments.</summary>
    /// <returns>A clause that says what is wrong; null where nothing is.</returns>
    public static string? FindPathProblem(string path)
    {
        if (path.Length == 0)
        {
            return "is empty";
        }

        if (path.Any(c => c is < ' ' or > '~'))
        {
            return "holds a control character or one outside of ASCII";
        }

        // The last ones mean something else in a policy of Vault, which messages of the operator quote.
        if (path.IndexOfAny(['?', '#', '%', '\\', '"', '*', '+', '{', '}']) is var at and >= 0)
        {
            return $"holds {path[at]}, which is no part of a path in Vault";
        }

        foreach (var segment in path.Split('/'))
        {
            if (segment.Length == 0)
            {
                return "begins or ends with a slash, or has two in a row";
            }

            // Vault itself answers a path that ends with a dot as one that it does not know.
            if (segment.EndsWith('.') || segment != segment.Trim())
            {
                return "has a part that ends with a dot, or begins or ends with a space";
            }
        }

        return null;
    }

    /// <summary>Names of keys in Transit, of roles of PKI engines and of auth methods: one segment, as Vault itself wants them.</summary>
    /// <returns>A clause that says what is wrong; null where nothing is.</returns>
    public static string? FindNameProblem(string name)
        => Name().IsMatch(name) ? null : "is no name in Vault: letters, digits, _, - and . only, with a letter, digit or _ at its ends";

    /// <exception cref="ArgumentException">The path has not been looked at with <see cref="FindPathProblem"/>.</exception>
    public static Uri Url(Uri address, string path, string? query = null)
    {
        if (FindPathProblem(path) is { } problem)
        {
            throw new ArgumentException($"The path {problem}.", nameof(path));
        }

        var escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        return new Uri($"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v1/{escaped}{query}");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\z")]
    private static partial Regex Name();
}
