namespace CertOperator.Kubernetes;

/// <summary>What of a gateway.networking.k8s.io/v1 HTTPRoute is written and read here. It is changed by apply only: an update would drop the rest.</summary>
public sealed class HttpRoute : IKubernetesObject
{
    public const string KindName = "HTTPRoute";

    public string ApiVersion { get; set; } = "gateway.networking.k8s.io/v1";

    public string Kind { get; set; } = KindName;

    public ObjectMeta Metadata { get; set => field = value ?? new ObjectMeta(); } = new();

    public HttpRouteSpec Spec { get; set => field = value ?? new HttpRouteSpec(); } = new();

    public HttpRouteStatus? Status { get; set; }
}

/// <summary>Which requests go where.</summary>
public sealed class HttpRouteSpec
{
    public List<RouteParentReference> ParentRefs { get; set => field = value ?? []; } = [];

    /// <summary>Null: any host that the listener takes.</summary>
    public List<string>? Hostnames { get; set; }

    public List<HttpRouteRule> Rules { get; set => field = value ?? []; } = [];
}

/// <summary>What a route is attached to: a Gateway, unless group and kind say otherwise.</summary>
public sealed class RouteParentReference
{
    public string? Group { get; set; }

    public string? Kind { get; set; }

    public string? Namespace { get; set; }

    public string Name { get; set; } = "";

    /// <summary>A listener of the Gateway; null for all.</summary>
    public string? SectionName { get; set; }

    public int? Port { get; set; }
}

/// <summary>Matches and where they lead.</summary>
public sealed class HttpRouteRule
{
    public List<HttpRouteMatch> Matches { get; set => field = value ?? []; } = [];

    public List<HttpBackendReference> BackendRefs { get; set => field = value ?? []; } = [];
}

/// <summary>What a request has to be like.</summary>
public sealed class HttpRouteMatch
{
    public HttpPathMatch? Path { get; set; }
}

/// <summary>What a path has to be like.</summary>
public sealed class HttpPathMatch
{
    /// <summary>"Exact", "PathPrefix" or "RegularExpression".</summary>
    public string? Type { get; set; }

    public string? Value { get; set; }
}

/// <summary>A Service, unless group and kind say otherwise.</summary>
public sealed class HttpBackendReference
{
    public string Name { get; set; } = "";

    public int? Port { get; set; }
}

/// <summary>What the controllers of the parents say of the route.</summary>
public sealed class HttpRouteStatus
{
    public List<RouteParentStatus> Parents { get; set => field = value ?? []; } = [];
}

/// <summary>What one controller says.</summary>
public sealed class RouteParentStatus
{
    public RouteParentReference ParentRef { get; set => field = value ?? new RouteParentReference(); } = new();

    public List<Condition> Conditions { get; set => field = value ?? []; } = [];
}
