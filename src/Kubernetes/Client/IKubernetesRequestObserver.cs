namespace CertOperator.Kubernetes;

/// <summary>Hears of every request that was made, repeated ones too.</summary>
public interface IKubernetesRequestObserver
{
    /// <param name="verb">get, list, watch, create, update, patch or delete.</param>
    /// <param name="resource">The plural, with "/status" behind it for the subresource; "raw" for plain paths.</param>
    /// <param name="code">The HTTP status code; 0 when no answer came.</param>
    /// <param name="duration">Until the whole answer was read; for a watch, until it began.</param>
    void RequestCompleted(string verb, string resource, int code, TimeSpan duration);
}
