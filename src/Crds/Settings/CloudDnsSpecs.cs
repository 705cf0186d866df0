using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>Cloudflare.</summary>
public sealed record CloudflareSpec
{
    /// <summary>Secret, in the policy's namespace, whose key "apiToken" holds an API token with the permissions Zone:Read and DNS:Edit.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>URL of the API. Default: that of Cloudflare, https://api.cloudflare.com/client/v4.</summary>
    [Length(1, 2048)]
    public string? Endpoint { get; init; }
}

/// <summary>Amazon Route 53.</summary>
public sealed record Route53Spec
{
    /// <summary>Secret, in the policy's namespace, with the keys "accessKeyId" and "secretAccessKey", and "sessionToken" where the key is a temporary one.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>Id of the hosted zone. Default: the closest public zone above the name.</summary>
    [Length(1, 32)]
    [Pattern("^[A-Z0-9]+$")]
    public string? HostedZoneId { get; init; }

    /// <summary>Region that requests are signed for; other than us-east-1 only in separate partitions, such as China. Default: us-east-1.</summary>
    [Length(1, 64)]
    [Pattern("^[a-z0-9-]+$")]
    public string? Region { get; init; }

    /// <summary>URL of the API. Default: https://route53.amazonaws.com.</summary>
    [Length(1, 2048)]
    public string? Endpoint { get; init; }
}

/// <summary>Google Cloud DNS.</summary>
public sealed record GoogleCloudDnsSpec
{
    /// <summary>Secret, in the policy's namespace, whose key "key.json" holds the key file of a service account with the role roles/dns.admin.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>Project of the zone. Default: that of the service account.</summary>
    [Length(1, 63)]
    public string? Project { get; init; }

    /// <summary>Name of the managed zone. Default: the closest public zone above the name.</summary>
    [Length(1, 63)]
    public string? ManagedZone { get; init; }

    /// <summary>URL of the API. Default: https://dns.googleapis.com.</summary>
    [Length(1, 2048)]
    public string? Endpoint { get; init; }
}

/// <summary>Azure DNS.</summary>
public sealed record AzureDnsSpec
{
    /// <summary>Subscription that the zone is in.</summary>
    [Required]
    [Length(1, 64)]
    public string SubscriptionId { get; init; } = "";

    /// <summary>Resource group that the zone is in.</summary>
    [Required]
    [Length(1, 90)]
    public string ResourceGroup { get; init; } = "";

    /// <summary>Name of the zone. Default: the one that holds the name according to DNS.</summary>
    [Length(1, 253)]
    public string? ZoneName { get; init; }

    /// <summary>Tenant of the application.</summary>
    [Required]
    [Length(1, 128)]
    public string TenantId { get; init; } = "";

    /// <summary>Client id of an application with the role DNS Zone Contributor.</summary>
    [Required]
    [Length(1, 64)]
    public string ClientId { get; init; } = "";

    /// <summary>Secret, in the policy's namespace, whose key "clientSecret" holds the application's secret.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>URL of Azure Resource Manager; another one in the clouds of governments. Default: https://management.azure.com.</summary>
    [Length(1, 2048)]
    public string? Endpoint { get; init; }

    /// <summary>URL of the authority that gives out tokens. Default: https://login.microsoftonline.com.</summary>
    [Length(1, 2048)]
    public string? AuthorityEndpoint { get; init; }
}
