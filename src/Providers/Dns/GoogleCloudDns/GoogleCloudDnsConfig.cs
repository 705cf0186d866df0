using CertOperator.Providers.Gcp;

namespace CertOperator.Providers.Dns.GoogleCloudDns;

/// <summary>Google Cloud DNS and the service account to use it with.</summary>
/// <param name="Endpoint">Where the API is.</param>
/// <param name="Project">The project that the zone is in.</param>
/// <param name="ManagedZone">Name of the zone; null to find it by its DNS name.</param>
/// <param name="Account">The service account.</param>
public sealed record GoogleCloudDnsConfig(Uri Endpoint, string Project, string? ManagedZone, GoogleServiceAccount Account)
{
    public static readonly Uri DefaultEndpoint = new("https://dns.googleapis.com");
}
