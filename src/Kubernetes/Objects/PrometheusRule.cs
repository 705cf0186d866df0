using System.Text.Json.Nodes;

namespace CertOperator.Kubernetes;

/// <summary>What of a monitoring.coreos.com/v1 PrometheusRule is written and read here. It is changed by apply only: an update would drop the rest.</summary>
public sealed class PrometheusRule : IKubernetesObject
{
    public const string KindName = "PrometheusRule";

    public string ApiVersion { get; set; } = "monitoring.coreos.com/v1";

    public string Kind { get; set; } = KindName;

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public PrometheusRuleSpec Spec { get; set => field = value ?? new PrometheusRuleSpec(); } = new();
}

/// <summary>A file of rules.</summary>
public sealed class PrometheusRuleSpec
{
    public List<PrometheusRuleGroup> Groups { get; set => field = value ?? []; } = [];
}

/// <summary>Rules that are evaluated one after the other.</summary>
public sealed class PrometheusRuleGroup
{
    public string Name { get; set; } = "";

    public List<PrometheusRuleItem> Rules { get; set => field = value ?? []; } = [];
}

/// <summary>A recording rule or an alerting rule.</summary>
public sealed class PrometheusRuleItem
{
    public string? Record { get; set; }

    public string? Alert { get; set; }

    /// <summary>Text; people may also write a number.</summary>
    public JsonNode? Expr { get; set; }

    public string? For { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }
}
