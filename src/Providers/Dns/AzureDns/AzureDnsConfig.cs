namespace CertOperator.Providers.Dns.AzureDns;

/// <summary>Azure DNS and the application to use it as.</summary>
/// <param name="Endpoint">Where Azure Resource Manager is.</param>
/// <param name="Authority">Where tokens are given out.</param>
/// <param name="SubscriptionId">The subscription.</param>
/// <param name="ResourceGroup">The resource group that the zone is in.</param>
/// <param name="ZoneName">The zone; null for the one that DNS names.</param>
/// <param name="Application">Who asks.</param>
public sealed record AzureDnsConfig(Uri Endpoint, Uri Authority, string SubscriptionId, string ResourceGroup, string? ZoneName, AzureApplication Application)
{
    public static readonly Uri DefaultEndpoint = new("https://management.azure.com");
    public static readonly Uri DefaultAuthority = new("https://login.microsoftonline.com");
}

/// <summary>An application (service principal) with a client secret.</summary>
public sealed record AzureApplication(string TenantId, string ClientId, string ClientSecret)
{
    public override string ToString() => $"AzureApplication {{ {ClientId} }}";
}
