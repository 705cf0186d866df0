using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CertOperator.Providers.Gcp;

/// <summary>Names of resources in Certificate Manager. Pure.</summary>
public static partial class GcpNames
{
    private const int LongestId = 63;
    private const int HashLength = 8;

    /// <summary>What everything carries that is made here.</summary>
    public static IReadOnlyDictionary<string, string> Labels { get; } = new Dictionary<string, string> { ["managed-by"] = "certoperator" };

    /// <summary>The certificate of a policy: managed ones cannot get other names, so with these the id changes too.</summary>
    /// <param name="owner">Namespace and name of the policy.</param>
    /// <param name="names">Names in the certificate; empty for one that is uploaded and replaced.</param>
    public static string CertificateId(string owner, IReadOnlyList<string> names) => Id(owner.Replace('/', '-'), $"{owner}\n{string.Join('\n', names.Order(StringComparer.Ordinal))}");

    /// <summary>The authorization for a domain; one does for all policies of the project.</summary>
    public static string AuthorizationId(string domain) => Id(domain, domain);

    /// <summary>The domain that is proven: for a wildcard the one below which it lies.</summary>
    public static string AuthorizedDomain(string name) => name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;

    private static string Id(string text, string whole)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..HashLength];
        var slug = "certoperator-" + Other().Replace(text.ToLowerInvariant(), "-").Trim('-');
        return $"{(slug.Length <= LongestId - HashLength - 1 ? slug : slug[..(LongestId - HashLength - 1)]).TrimEnd('-')}-{hash}";
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
