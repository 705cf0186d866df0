using System.Text.Json.Serialization;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>How requests for http://NAME/.well-known/acme-challenge/ get their answer: exactly one of operator, ingress, gateway and webroot.</summary>
public sealed record Http01Spec
{
    /// <summary>Port 80 of the name leads to the operator by itself; nothing is made.</summary>
    public Http01OperatorSpec? Operator { get; init; }

    /// <summary>An Ingress in the policy's namespace leads to the operator, as long as the CA needs it.</summary>
    public Http01IngressSpec? Ingress { get; init; }

    /// <summary>An HTTPRoute of the Gateway API in the policy's namespace leads to the operator, as long as the CA needs it.</summary>
    public Http01GatewaySpec? Gateway { get; init; }

    /// <summary>A web server of one's own serves the answer from a ConfigMap in the policy's namespace.</summary>
    public Http01WebrootSpec? Webroot { get; init; }

    /// <summary>How long the answer may take until the operator itself sees it at the name. Where another answer is seen to the end the run fails and the CA is not asked; where the name cannot be reached from the operator the CA is asked all the same. 0 asks the CA at once, without a look. Default: 300, for operator 30.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(7200)]
    public int? SelfCheckTimeoutSeconds { get; init; }
}

/// <summary>The operator as it is reached already; there is nothing to set.</summary>
public sealed record Http01OperatorSpec;

/// <summary>An Ingress for the time being.</summary>
public sealed record Http01IngressSpec
{
    /// <summary>Class of the Ingress. Default: the cluster's own default class.</summary>
    [Length(1, 253)]
    public string? ClassName { get; init; }

    /// <summary>How the Ingress controller compares the path. Default: Exact.</summary>
    public IngressPathType? PathType { get; init; }

    /// <summary>Type of the Service behind it. Some load balancers reach none but NodePort. Default: ClusterIP.</summary>
    public SolverServiceType? ServiceType { get; init; }

    /// <summary>Annotations for the Ingress.</summary>
    [Items(0, 50)]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Labels for the Ingress, beside those of the operator.</summary>
    [Items(0, 50)]
    [Length(0, 63)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>An HTTPRoute for the time being.</summary>
public sealed record Http01GatewaySpec
{
    /// <summary>The Gateways to attach to. One of their listeners has to take HTTP at port 80 and routes of the policy's namespace.</summary>
    [Required]
    [Items(1, 32)]
    public IReadOnlyList<GatewayReference> ParentRefs { get; init; } = [];

    /// <summary>Annotations for the HTTPRoute.</summary>
    [Items(0, 50)]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Labels for the HTTPRoute, beside those of the operator.</summary>
    [Items(0, 50)]
    [Length(0, 63)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>A Gateway, or one listener of it.</summary>
public sealed record GatewayReference
{
    [Required]
    [Length(1, 253)]
    public string Name { get; init; } = "";

    /// <summary>Namespace of the Gateway. Default: that of the policy.</summary>
    [Length(1, 63)]
    public string? Namespace { get; init; }

    /// <summary>Name of the listener. Default: every one that takes the route.</summary>
    [Length(1, 253)]
    public string? SectionName { get; init; }

    /// <summary>Port of the listener.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(65535)]
    public int? Port { get; init; }
}

/// <summary>A ConfigMap whose keys a web server serves below /.well-known/acme-challenge/.</summary>
public sealed record Http01WebrootSpec
{
    /// <summary>ConfigMap in the policy's namespace; it has to exist. Each answer is a key of its own, and other keys are left alone.</summary>
    [Required]
    [Length(1, 253)]
    public string ConfigMapName { get; init; } = "";
}

/// <summary>Path types of an Ingress.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IngressPathType>))]
public enum IngressPathType
{
    Exact,
    Prefix,
    ImplementationSpecific,
}

/// <summary>Types of Service.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SolverServiceType>))]
public enum SolverServiceType
{
    [JsonStringEnumMemberName("ClusterIP")]
    ClusterIp,

    NodePort,
}
