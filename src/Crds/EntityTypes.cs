using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;

namespace CertOperator.Crds;

/// <summary>Every kind that this operator defines; the CRD files are generated from these.</summary>
public static class EntityTypes
{
    public static IReadOnlyList<Type> All { get; } = [typeof(CertificateRenewalPolicy), typeof(CertificateRenewalRun), typeof(CertificateRenewalBatch), typeof(CertificateRenewalSettings)];
}
