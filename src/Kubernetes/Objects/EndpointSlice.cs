namespace CertOperator.Kubernetes;

/// <summary>Endpoints of a Service, in discovery.k8s.io/v1; v1beta1 has the same fields as far as they are here.</summary>
public sealed class EndpointSlice : IKubernetesObject
{
    /// <summary>The label that names the Service.</summary>
    public const string ServiceLabel = "kubernetes.io/service-name";

    /// <summary>The label that says whose slice it is: the control plane leaves slices of others alone.</summary>
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";

    public string ApiVersion { get; set; } = "discovery.k8s.io/v1";

    public string Kind { get; set; } = "EndpointSlice";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    /// <summary>"IPv4", "IPv6" or "FQDN".</summary>
    public string AddressType { get; set; } = "";

    public List<Endpoint> Endpoints { get; set => field = value ?? []; } = [];

    public List<EndpointPort> Ports { get; set => field = value ?? []; } = [];
}

/// <summary>One backend.</summary>
public sealed class Endpoint
{
    public List<string> Addresses { get; set => field = value ?? []; } = [];

    public EndpointConditions? Conditions { get; set; }
}

/// <summary>The state of a backend.</summary>
public sealed class EndpointConditions
{
    /// <summary>Null counts as true.</summary>
    public bool? Ready { get; set; }
}

/// <summary>A port at which all backends of a slice listen.</summary>
public sealed class EndpointPort
{
    public string? Name { get; set; }

    public string? Protocol { get; set; }

    public int? Port { get; set; }
}
