using CertOperator.Kubernetes;

namespace CertOperator.Operator.Inventory;

/// <summary>A Secret of type kubernetes.io/tls that no policy manages, as a list shows it.</summary>
/// <param name="Name">The Secret.</param>
/// <param name="Version">Which state of which object: one that was read already need not be read again.</param>
/// <param name="RenewedBy">One of <see cref="Renewers"/>.</param>
/// <param name="Renewer">Who that is in particular; null where the Secret does not say.</param>
public sealed record UnmanagedSecret(NamespacedName Name, string Version, string RenewedBy, string? Renewer)
{
    public static string VersionOf(ObjectMeta metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return $"{metadata.Uid}/{metadata.ResourceVersion}";
    }
}
