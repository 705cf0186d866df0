namespace CertOperator.Kubernetes;

/// <summary>What of a v1 Service is written here. It is changed by apply only: an update would drop the rest.</summary>
public sealed class Service : IKubernetesObject
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Service";

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public ServiceSpec Spec { get; set => field = value ?? new ServiceSpec(); } = new();
}

/// <summary>Where a Service is found. Without a selector its endpoints are somebody's to write.</summary>
public sealed class ServiceSpec
{
    /// <summary>Such as "ClusterIP".</summary>
    public string? Type { get; set; }

    public List<ServicePort> Ports { get; set => field = value ?? []; } = [];
}

/// <summary>A port of a Service.</summary>
public sealed class ServicePort
{
    /// <summary>The name by which endpoints tell which of their ports is meant.</summary>
    public string? Name { get; set; }

    public string? Protocol { get; set; }

    public int Port { get; set; }
}
