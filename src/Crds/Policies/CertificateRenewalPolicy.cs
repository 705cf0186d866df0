using CertOperator.Kubernetes;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>How the certificate of one host is issued, renewed, stored and verified.</summary>
[KubernetesEntity(Group = CertOperatorApi.Group, Version = CertOperatorApi.Version, Kind = KindName, Plural = PluralName, Singular = "certificaterenewalpolicy", ShortNames = ["crp"], Categories = [CertOperatorApi.Category])]
[PrinterColumn("Hostname", "string", ".spec.hostname")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type=='Ready')].status")]
[PrinterColumn("Stalled", "string", ".status.conditions[?(@.type=='Stalled')].status")]
[PrinterColumn("Phase", "string", ".status.phase")]
[PrinterColumn("Expires", "string", ".status.notAfter")]
[PrinterColumn("Renewal", "string", ".status.renewalTime")]
[PrinterColumn("Secret", "string", ".spec.secretName")]
[PrinterColumn("Provider", "string", ".spec.provider", Priority = 1)]
[PrinterColumn("Issuer", "string", ".status.issuedBy", Priority = 1)]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type=='Reconciling')].reason", Priority = 1)]
[PrinterColumn("Status", "string", ".status.conditions[?(@.type=='Ready')].message", Priority = 1)]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class CertificateRenewalPolicy : IKubernetesObject
{
    public const string KindName = "CertificateRenewalPolicy";
    public const string PluralName = "certificaterenewalpolicies";

    public string ApiVersion { get; set; } = CertOperatorApi.ApiVersion;

    public string Kind { get; set; } = KindName;

    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted. The operator never writes here.</summary>
    [Required]
    public PolicySpec Spec { get; set; } = new();

    /// <summary>What was observed. Only the operator writes here.</summary>
    public PolicyStatus? Status { get; set; }
}
