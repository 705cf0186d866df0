namespace CertOperator.Acme;

/// <summary>Sees every HTTP request that was made; called on the request's own path, so it must be quick and must not throw.</summary>
public interface IAcmeRequestObserver
{
    /// <param name="host">Host of the directory, also for URLs on other hosts: one CA, one bounded label value.</param>
    /// <param name="action">One of <see cref="AcmeActions.All"/>.</param>
    /// <param name="status">HTTP status; 0 when no answer came.</param>
    /// <param name="elapsed">From sending until the body was read or the request failed.</param>
    void RequestCompleted(string host, string action, int status, TimeSpan elapsed);
}
