using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Issuance;

/// <summary>What a run can do about a request that brought no answer, as far as that is the same whoever was asked.</summary>
internal static class TransportFailures
{
    /// <param name="exception">What the request ended with.</param>
    /// <param name="unreachable">What to make of an address that takes no connection; null where others judge that.</param>
    /// <returns>Null where it is something else.</returns>
    public static IssuanceException? Find(Exception exception, Func<EgressConnectException, IssuanceException>? unreachable = null)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case EgressDeniedException denied:
                    return new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.EgressDenied, denied.Message, inner: exception);
                case ServerNotTrustedException distrust:
                    return new IssuanceException(IssuanceFailure.Failed, IssuanceReasons.ServerNotTrusted, distrust.Message, inner: exception);
                case EgressConnectException connect when unreachable is not null:
                    return unreachable(connect);
            }
        }

        return null;
    }
}
