namespace CertOperator.Providers.Dns.Cloudflare;

/// <summary>Cloudflare's API and a token for it with the permissions Zone:Read and DNS:Edit.</summary>
public sealed record CloudflareConfig(Uri Endpoint, string Token)
{
    public static readonly Uri DefaultEndpoint = new("https://api.cloudflare.com/client/v4");

    public override string ToString() => $"CloudflareConfig {{ {Endpoint} }}";
}
