using System.Text.Json.Serialization;

namespace CertOperator.Kubernetes;

/// <summary>Reads and writes the kinds of <see cref="CoreResources"/>, <see cref="AppsResources"/>, <see cref="NetworkResources"/> and <see cref="MonitoringResources"/> without reflection. Contexts for other kinds take the same options.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Secret))]
[JsonSerializable(typeof(KubernetesList<Secret>))]
[JsonSerializable(typeof(ConfigMap))]
[JsonSerializable(typeof(KubernetesList<ConfigMap>))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(KubernetesList<Lease>))]
[JsonSerializable(typeof(Event))]
[JsonSerializable(typeof(KubernetesList<Event>))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(KubernetesList<Deployment>))]
[JsonSerializable(typeof(StatefulSet))]
[JsonSerializable(typeof(KubernetesList<StatefulSet>))]
[JsonSerializable(typeof(DaemonSet))]
[JsonSerializable(typeof(KubernetesList<DaemonSet>))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(KubernetesList<Service>))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(KubernetesList<EndpointSlice>))]
[JsonSerializable(typeof(Ingress))]
[JsonSerializable(typeof(KubernetesList<Ingress>))]
[JsonSerializable(typeof(HttpRoute))]
[JsonSerializable(typeof(KubernetesList<HttpRoute>))]
[JsonSerializable(typeof(PrometheusRule))]
[JsonSerializable(typeof(KubernetesList<PrometheusRule>))]
[JsonSerializable(typeof(SelfSubjectAccessReview))]
[JsonSerializable(typeof(KubernetesList<SelfSubjectAccessReview>))]
[JsonSerializable(typeof(SubjectAccessReview))]
[JsonSerializable(typeof(KubernetesList<SubjectAccessReview>))]
[JsonSerializable(typeof(TokenReview))]
[JsonSerializable(typeof(KubernetesList<TokenReview>))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(KubernetesList<TokenRequest>))]
[JsonSerializable(typeof(Status))]
[JsonSerializable(typeof(Condition))]
[JsonSerializable(typeof(DeleteOptions))]
public sealed partial class KubernetesJsonContext : JsonSerializerContext;
