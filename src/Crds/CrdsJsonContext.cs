using System.Text.Json.Serialization;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;

namespace CertOperator.Crds;

/// <summary>JSON of the custom resources, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(CertificateRenewalPolicy))]
[JsonSerializable(typeof(KubernetesList<CertificateRenewalPolicy>))]
[JsonSerializable(typeof(CertificateRenewalRun))]
[JsonSerializable(typeof(KubernetesList<CertificateRenewalRun>))]
[JsonSerializable(typeof(CertificateRenewalSettings))]
[JsonSerializable(typeof(KubernetesList<CertificateRenewalSettings>))]
[JsonSerializable(typeof(CertificateRenewalBatch))]
[JsonSerializable(typeof(KubernetesList<CertificateRenewalBatch>))]
[JsonSerializable(typeof(BatchPlanKey))]
[JsonSerializable(typeof(BatchRow))]
public sealed partial class CrdsJsonContext : JsonSerializerContext;
