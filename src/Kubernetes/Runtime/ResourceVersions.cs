using System.Globalization;

namespace CertOperator.Kubernetes;

/// <summary>
/// Compares resource versions as the unsigned integers that they are in every known API server. One that is not a
/// number compares with nothing, and the newer message is believed then.
/// </summary>
internal static class ResourceVersions
{
    public static ulong? Parse(string? version) =>
        ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    /// <returns>False also when one of them is not a number.</returns>
    public static bool IsNewer(IKubernetesObject candidate, IKubernetesObject than) =>
        IsAfter(candidate.Metadata.ResourceVersion, Parse(than.Metadata.ResourceVersion));

    /// <returns>False also when one of them is not a number.</returns>
    public static bool IsAfter(string? version, ulong? than) => Parse(version) > than;
}
