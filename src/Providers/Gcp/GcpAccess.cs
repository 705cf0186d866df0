namespace CertOperator.Providers.Gcp;

/// <summary>Which part of Google Cloud is asked, and as whom.</summary>
public sealed record GcpAccess
{
    public static readonly Uri CertificateManager = new("https://certificatemanager.googleapis.com");

    /// <summary>Where the policy says it, for advice.</summary>
    public required string Field { get; init; }

    public required Uri Endpoint { get; init; }

    public required string Project { get; init; }

    public required string Location { get; init; }

    /// <summary>PEM certificates to trust for the endpoint and for the account's token endpoint, in addition to the system's.</summary>
    public required string? CaBundle { get; init; }

    /// <summary>Null for the operator's own identity.</summary>
    public required GoogleServiceAccount? Account { get; init; }

    public required string? CredentialsSecretName { get; init; }

    /// <summary>What resources of the location are below.</summary>
    public string Parent => $"projects/{Project}/locations/{Location}";

    /// <summary>Who asks, in messages.</summary>
    public string Identity => Account?.ClientEmail ?? "the operator's own service account";

    public override string ToString() => $"GcpAccess {{ {Parent}, {Identity} }}";
}
