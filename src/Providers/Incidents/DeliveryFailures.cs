using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Incidents;

/// <summary>Turns what a connection throws into what can be done about it.</summary>
internal static class DeliveryFailures
{
    public static IncidentDeliveryException Of(Exception exception, string host)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case EgressDeniedException:
                    return new IncidentDeliveryException(inner.Message, canRetry: false, inner: exception);

                // Its owner may renew the server's certificate without anything changing here.
                case EgressConnectException or ServerNotTrustedException:
                    return new IncidentDeliveryException(inner.Message, canRetry: true, inner: exception);
            }
        }

        return new IncidentDeliveryException($"The connection to {host} failed: {exception.Message}", canRetry: true, inner: exception);
    }
}
