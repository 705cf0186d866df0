using CertOperator.Kubernetes;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Batches;

/// <summary>Renews the certificates of many policies, one run each, no more at a time and no faster than wanted.</summary>
[KubernetesEntity(Group = CertOperatorApi.Group, Version = CertOperatorApi.Version, Kind = KindName, Plural = PluralName, Singular = "certificaterenewalbatch", ShortNames = ["crb"], Categories = [CertOperatorApi.Category])]
[PrinterColumn("Mode", "string", ".spec.mode")]
[PrinterColumn("Phase", "string", ".status.phase")]
[PrinterColumn("Total", "integer", ".status.counts.total")]
[PrinterColumn("Waiting", "integer", ".status.counts.waiting")]
[PrinterColumn("Running", "integer", ".status.counts.running")]
[PrinterColumn("Succeeded", "integer", ".status.counts.succeeded")]
[PrinterColumn("Failed", "integer", ".status.counts.failed")]
[PrinterColumn("Skipped", "integer", ".status.counts.skipped")]
[PrinterColumn("Strategy", "string", ".spec.strategy", Priority = 1)]
[PrinterColumn("Estimate", "string", ".status.costEstimate[0].amount", Priority = 1)]
[PrinterColumn("Cost", "string", ".status.cost[0].amount", Priority = 1)]
[PrinterColumn("Message", "string", ".status.message", Priority = 1)]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class CertificateRenewalBatch : IKubernetesObject
{
    public const string KindName = "CertificateRenewalBatch";
    public const string PluralName = "certificaterenewalbatches";

    public string ApiVersion { get; set; } = CertOperatorApi.ApiVersion;

    public string Kind { get; set; } = KindName;

    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>Which policies, how, and how fast. The operator never writes here.</summary>
    [Required]
    public BatchSpec Spec { get; set; } = new();

    /// <summary>What is planned and how far it is. Only the operator writes here.</summary>
    public BatchStatus? Status { get; set; }
}
