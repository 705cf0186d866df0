namespace CertOperator.Providers.Incidents;

/// <summary>Tells receivers of any kind, each within a time limit.</summary>
public interface IIncidentSinks
{
    /// <summary>For how long a receiver that failed again and again is not tried; null where it is.</summary>
    TimeSpan? LeftAloneFor(string receiver);

    /// <param name="receiver">What failures are counted by: the receiver as its namespace knows it.</param>
    /// <param name="target">Where to, with credentials.</param>
    /// <param name="notice">What to tell.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    Task<DeliveryOutcome> DeliverAsync(string receiver, IncidentTarget target, IncidentNotice notice, CancellationToken cancellationToken);
}
