namespace CertOperator.Kubernetes;

/// <summary>Kinds of the Prometheus operator, which a cluster has to have installed.</summary>
public static class MonitoringResources
{
    public static ResourceDefinition<PrometheusRule> PrometheusRules { get; } = new(
        "monitoring.coreos.com", "v1", PrometheusRule.KindName, "prometheusrules", true,
        KubernetesJsonContext.Default.PrometheusRule, KubernetesJsonContext.Default.KubernetesListPrometheusRule);
}
