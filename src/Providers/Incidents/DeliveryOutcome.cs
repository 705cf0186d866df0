namespace CertOperator.Providers.Incidents;

/// <summary>How a try to tell a receiver ended: a closed set.</summary>
public abstract record DeliveryOutcome
{
    private DeliveryOutcome()
    {
    }

    /// <summary>The receiver has taken the message.</summary>
    public sealed record Delivered : DeliveryOutcome;

    /// <summary>A later try may succeed.</summary>
    public sealed record Retry(string Message, TimeSpan? RetryAfter) : DeliveryOutcome;

    /// <summary>No later try will succeed before somebody changes something.</summary>
    public sealed record Refused(string Message) : DeliveryOutcome;

    /// <summary>Not tried: the receiver has just failed several times, and others wait for the worker.</summary>
    public sealed record Postponed(TimeSpan Delay) : DeliveryOutcome;
}
