namespace CertOperator.Providers.Webhooks;

/// <summary>How a try to deliver a message ended: a closed set. Messages hold no URL and nothing of what the receiver sent back.</summary>
public abstract record WebhookOutcome
{
    private WebhookOutcome()
    {
    }

    /// <summary>The receiver has taken the message.</summary>
    public sealed record Delivered(int Status) : WebhookOutcome;

    /// <summary>A later try may succeed.</summary>
    public sealed record Retry(string Message, TimeSpan? RetryAfter) : WebhookOutcome;

    /// <summary>No later try will succeed before somebody changes something.</summary>
    public sealed record Refused(string Message) : WebhookOutcome;
}
