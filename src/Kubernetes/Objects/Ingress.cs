namespace CertOperator.Kubernetes;

/// <summary>What of a networking.k8s.io/v1 Ingress is written here. It is changed by apply only: an update would drop the rest.</summary>
public sealed class Ingress : IKubernetesObject
{
    public string ApiVersion { get; set; } = "networking.k8s.io/v1";

    public string Kind { get; set; } = "Ingress";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public IngressSpec Spec { get; set => field = value ?? new IngressSpec(); } = new();
}

/// <summary>Which requests go where.</summary>
public sealed class IngressSpec
{
    /// <summary>Null: the cluster's default class.</summary>
    public string? IngressClassName { get; set; }

    public List<IngressRule> Rules { get; set => field = value ?? []; } = [];
}

/// <summary>Requests to one host.</summary>
public sealed class IngressRule
{
    /// <summary>Null: any host.</summary>
    public string? Host { get; set; }

    public HttpIngressRule? Http { get; set; }
}

/// <summary>The paths of a host.</summary>
public sealed class HttpIngressRule
{
    public List<HttpIngressPath> Paths { get; set => field = value ?? []; } = [];
}

/// <summary>Requests to one path.</summary>
public sealed class HttpIngressPath
{
    public string? Path { get; set; }

    /// <summary>"Exact", "Prefix" or "ImplementationSpecific".</summary>
    public string PathType { get; set; } = "";

    public IngressBackend Backend { get; set => field = value ?? new IngressBackend(); } = new();
}

/// <summary>Where requests go.</summary>
public sealed class IngressBackend
{
    public IngressServiceBackend? Service { get; set; }
}

/// <summary>A Service of the Ingress's namespace.</summary>
public sealed class IngressServiceBackend
{
    public string Name { get; set; } = "";

    public ServiceBackendPort? Port { get; set; }
}

/// <summary>A port of the Service.</summary>
public sealed class ServiceBackendPort
{
    public int? Number { get; set; }
}
