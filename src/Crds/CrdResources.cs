using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;

namespace CertOperator.Crds;

/// <summary>How each kind is addressed and serialised.</summary>
public static class CrdResources
{
    public static ResourceDefinition<CertificateRenewalPolicy> Policies { get; } = new(
        CertOperatorApi.Group, CertOperatorApi.Version, CertificateRenewalPolicy.KindName, CertificateRenewalPolicy.PluralName, Namespaced: true,
        CrdsJsonContext.Default.CertificateRenewalPolicy, CrdsJsonContext.Default.KubernetesListCertificateRenewalPolicy);

    public static ResourceDefinition<CertificateRenewalRun> Runs { get; } = new(
        CertOperatorApi.Group, CertOperatorApi.Version, CertificateRenewalRun.KindName, CertificateRenewalRun.PluralName, Namespaced: true,
        CrdsJsonContext.Default.CertificateRenewalRun, CrdsJsonContext.Default.KubernetesListCertificateRenewalRun);

    public static ResourceDefinition<CertificateRenewalSettings> Settings { get; } = new(
        CertOperatorApi.Group, CertOperatorApi.Version, CertificateRenewalSettings.KindName, CertificateRenewalSettings.PluralName, Namespaced: true,
        CrdsJsonContext.Default.CertificateRenewalSettings, CrdsJsonContext.Default.KubernetesListCertificateRenewalSettings);

    public static ResourceDefinition<CertificateRenewalBatch> Batches { get; } = new(
        CertOperatorApi.Group, CertOperatorApi.Version, CertificateRenewalBatch.KindName, CertificateRenewalBatch.PluralName, Namespaced: true,
        CrdsJsonContext.Default.CertificateRenewalBatch, CrdsJsonContext.Default.KubernetesListCertificateRenewalBatch);
}
