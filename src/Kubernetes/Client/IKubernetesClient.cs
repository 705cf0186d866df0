namespace CertOperator.Kubernetes;

/// <summary>Speaks to one API server. Safe for use by many threads; does not limit its own rate.</summary>
public interface IKubernetesClient
{
    IResourceClient<T> Resource<T>(ResourceDefinition<T> definition)
        where T : class, IKubernetesObject;

    /// <summary>The text at a path such as "/version" or "/readyz", at most 16 MiB.</summary>
    /// <exception cref="KubernetesException">Any answer but 2xx, or none.</exception>
    Task<string> GetRawAsync(string path, CancellationToken cancellationToken);
}
