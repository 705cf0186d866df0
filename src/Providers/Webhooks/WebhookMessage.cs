namespace CertOperator.Providers.Webhooks;

/// <summary>A JSON document to send.</summary>
/// <param name="Event">What it is about, one word.</param>
/// <param name="Delivery">The same whenever the same message is sent to the same receiver again.</param>
/// <param name="Body">JSON in UTF-8.</param>
public sealed record WebhookMessage(string Event, string Delivery, byte[] Body);
