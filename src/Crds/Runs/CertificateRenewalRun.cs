using CertOperator.Kubernetes;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Runs;

/// <summary>One attempt to renew the certificate of a policy.</summary>
[KubernetesEntity(Group = CertOperatorApi.Group, Version = CertOperatorApi.Version, Kind = KindName, Plural = PluralName, Singular = "certificaterenewalrun", ShortNames = ["crr"], Categories = [CertOperatorApi.Category])]
[PrinterColumn("Policy", "string", ".spec.policyRef.name")]
[PrinterColumn("Phase", "string", ".status.phase")]
[PrinterColumn("Step", "string", ".status.currentStep")]
[PrinterColumn("Mode", "string", ".spec.mode")]
[PrinterColumn("Trigger", "string", ".spec.trigger")]
[PrinterColumn("Message", "string", ".status.message", Priority = 1)]
[PrinterColumn("Started", "date", ".status.startedAt")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class CertificateRenewalRun : IKubernetesObject
{
    public const string KindName = "CertificateRenewalRun";
    public const string PluralName = "certificaterenewalruns";

    public string ApiVersion { get; set; } = CertOperatorApi.ApiVersion;

    public string Kind { get; set; } = KindName;

    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What was asked for; not to be changed once the run exists.</summary>
    [Required]
    public RunSpec Spec { get; set; } = new();

    /// <summary>How far the run is. Only the operator writes here.</summary>
    public RunStatus? Status { get; set; }
}
