using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>Where in Google Cloud certificates are, and who asks.</summary>
public abstract record GcpAccessConfig
{
    /// <summary>Location, such as europe-west1. Default: global.</summary>
    [Length(1, 64)]
    public string? Location { get; init; }

    /// <summary>URL of the API, https only. Default: https://certificatemanager.googleapis.com.</summary>
    [Length(1, 2048)]
    public string? Endpoint { get; init; }

    /// <summary>PEM certificates to trust for the API and the account's token endpoint, in addition to the system's.</summary>
    [Length(1, 330000)]
    public string? CaBundle { get; init; }

    /// <summary>Secret, in the policy's namespace, whose key "credentials.json" is a service account key. Default: the operator's own identity (workload identity, node), where the operator lends it to policies.</summary>
    [Length(1, 253)]
    public string? CredentialsSecretName { get; init; }
}

/// <summary>Google Cloud Certificate Manager: where the certificate is and who asks.</summary>
public sealed record GcpCmConfig : GcpAccessConfig
{
    /// <summary>Project id. A policy that names another than the settings inherits nothing of theirs.</summary>
    [Length(1, 64)]
    public string? Project { get; init; }

    /// <summary>Name of the certificate in that location; made when absent. Default: one that follows from the policy and the names in the certificate, since a certificate that Google issues cannot get others.</summary>
    [Length(1, 63)]
    [Pattern("^[a-z][a-z0-9-]*$")]
    public string? Certificate { get; init; }
}
