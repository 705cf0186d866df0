namespace CertOperator.Providers.Webhooks;

/// <summary>A server that takes signed JSON, with everything that is needed to reach it. Not to be logged: URLs hold tokens.</summary>
public sealed record WebhookTarget(Uri Url, byte[] SigningKey, string? CaBundle)
{
    // The text that records write of themselves would hold the key.
    public override string ToString() => Url.Host;
}
