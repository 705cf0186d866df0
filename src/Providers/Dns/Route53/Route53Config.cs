using CertOperator.Providers.Aws;

namespace CertOperator.Providers.Dns.Route53;

/// <summary>Amazon Route 53 and the key to sign requests with.</summary>
/// <param name="Endpoint">Where the API is.</param>
/// <param name="Region">The region that requests are signed for; Route 53 has one for each partition.</param>
/// <param name="HostedZoneId">The zone; null to find it by name.</param>
/// <param name="AccessKey">The key.</param>
public sealed record Route53Config(Uri Endpoint, string Region, string? HostedZoneId, AwsAccessKey AccessKey)
{
    public static readonly Uri DefaultEndpoint = new("https://route53.amazonaws.com");

    public const string DefaultRegion = "us-east-1";
}
