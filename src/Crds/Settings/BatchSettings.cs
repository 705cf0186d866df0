using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>Which batches may renew the policies of this namespace.</summary>
public sealed record BatchSettings
{
    /// <summary>Namespaces whose batches may name this one in spec.namespaces: whoever may create batches there can have the policies here renewed. Batches of this namespace itself always may. Default: none.</summary>
    [Items(0, 100)]
    [Length(1, 63)]
    public IReadOnlyList<string>? AcceptFrom { get; init; }
}
