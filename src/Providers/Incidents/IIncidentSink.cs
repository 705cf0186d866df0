namespace CertOperator.Providers.Incidents;

/// <summary>A way to tell of an incident. Telling the same twice does no harm where the receiver looks at the keys.</summary>
public interface IIncidentSink
{
    /// <summary>Complete when the receiver has taken the message.</summary>
    /// <exception cref="IncidentDeliveryException">It has not, or did not say so.</exception>
    Task DeliverAsync(IncidentNotice notice, CancellationToken cancellationToken);
}
