using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>Where the TXT records of dns-01 are written: exactly one of the providers.</summary>
public sealed record Dns01Spec
{
    /// <summary>Dynamic updates (RFC 2136), as BIND, Knot, PowerDNS and Windows DNS take them.</summary>
    public Rfc2136Spec? Rfc2136 { get; init; }

    /// <summary>The httpreq protocol: an HTTP service of one's own that writes the records.</summary>
    public HttpReqSpec? Httpreq { get; init; }

    /// <summary>An acme-dns server, to which _acme-challenge is delegated by a CNAME record.</summary>
    public AcmeDnsSpec? AcmeDns { get; init; }

    public CloudflareSpec? Cloudflare { get; init; }

    public Route53Spec? Route53 { get; init; }

    public GoogleCloudDnsSpec? GoogleCloudDns { get; init; }

    public AzureDnsSpec? AzureDns { get; init; }

    /// <summary>Whether a CNAME record at _acme-challenge.NAME is followed and the record written where it leads. Default: true.</summary>
    public bool? FollowCname { get; init; }

    /// <summary>Resolvers, as host:port, to ask for zones, CNAME records and name servers. Default: those of the operator.</summary>
    [Items(1, 10)]
    [Length(1, 300)]
    public IReadOnlyList<string>? Resolvers { get; init; }

    /// <summary>How long the zone's name servers may take to serve a record before the run fails. Default: 600.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(7200)]
    public int? PropagationTimeoutSeconds { get; init; }
}

/// <summary>A name server that takes dynamic updates (RFC 2136).</summary>
public sealed record Rfc2136Spec
{
    /// <summary>The zone's primary server, as host:port; port 53 where none is written.</summary>
    [Required]
    [Length(1, 300)]
    public string Server { get; init; } = "";

    /// <summary>Name of the TSIG key (RFC 8945). Without one updates are not signed, and the server goes by the operator's address.</summary>
    [Length(1, 253)]
    public string? TsigKeyName { get; init; }

    /// <summary>Algorithm of the key. Default: hmac-sha256.</summary>
    [EnumValues("hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1")]
    public string? TsigAlgorithm { get; init; }

    /// <summary>Secret, in the policy's namespace, whose key "secret" holds the TSIG secret in base64.</summary>
    [Length(1, 253)]
    public string? TsigSecretName { get; init; }
}

/// <summary>A service that takes POST requests at ENDPOINT/present and ENDPOINT/cleanup with fqdn and value as JSON.</summary>
public sealed record HttpReqSpec
{
    /// <summary>URL of the service, http or https.</summary>
    [Required]
    [Length(1, 2048)]
    public string Endpoint { get; init; } = "";

    /// <summary>Secret, in the policy's namespace, whose keys "username" and "password" are sent by basic authentication. Default: none is sent.</summary>
    [Length(1, 253)]
    public string? SecretName { get; init; }

    /// <summary>PEM certificates to trust for the service, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }
}

/// <summary>An acme-dns server. One account serves one name and its wildcard, since it holds two values.</summary>
public sealed record AcmeDnsSpec
{
    /// <summary>URL of the server, http or https.</summary>
    [Required]
    [Length(1, 2048)]
    public string Endpoint { get; init; } = "";

    /// <summary>Secret, in the policy's namespace, with what the server's registration gave out: keys "username", "password" and "subdomain".</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>PEM certificates to trust for the server, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }
}
