namespace CertOperator.Providers.Incidents;

/// <summary>A message was not taken. The text is one sentence or more for a person, without URLs, keys or what the receiver sent back.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="canRetry">Whether the same message may be taken later.</param>
/// <param name="retryAfter">How long the receiver asks to wait.</param>
/// <param name="inner">What was thrown below.</param>
public sealed class IncidentDeliveryException(string message, bool canRetry, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message.Length <= MaxLength ? message : string.Concat(message.AsSpan(0, MaxLength - 1), "…"), inner)
{
    private const int MaxLength = 1000;

    public bool CanRetry { get; } = canRetry;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
