using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;

namespace CertOperator.Operator.Incidents;

/// <summary>What receivers tell incidents and messages apart by. Derived, so that a restart sends the same again.</summary>
public static class IncidentKeys
{
    /// <summary>What PagerDuty takes.</summary>
    public const int MaxLength = 255;

    /// <summary>The cluster's name where the settings give none.</summary>
    public const string DefaultCluster = "default";

    public static string Dedup(string? cluster, NamespacedName policy, IncidentCause cause)
    {
        var key = $"certoperator/{cluster ?? DefaultCluster}/{policy.Namespace}/{policy.Name}/{cause}";
        if (key.Length <= MaxLength)
        {
            return key;
        }

        var hash = Hash(key);
        return $"{key[..(MaxLength - hash.Length - 1)]}-{hash}";
    }

    /// <summary>Names one message to one receiver.</summary>
    public static string Delivery(IncidentStatus incident, string sink, IncidentChange change, int revision)
        => Hash(string.Create(CultureInfo.InvariantCulture, $"{incident.DedupKey}\n{incident.Since.ToUnixTimeMilliseconds()}\n{sink}\n{change}\n{revision}"))[..32];

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
