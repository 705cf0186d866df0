using System.Text;

namespace CertOperator.Kubernetes;

/// <inheritdoc cref="IKubernetesClient"/>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private readonly ApiTransport _transport;
    private readonly CredentialSource _credentials;
    private readonly ApiConnection _connection;

    /// <exception cref="KubernetesConfigurationException">A certificate, key or token in the configuration cannot be used.</exception>
    public KubernetesClient(KubernetesClientConfiguration configuration, TimeProvider timeProvider, IKubernetesRequestObserver observer)
        : this(configuration, timeProvider, observer, identity => ApiHandler.Create(configuration, identity))
    {
    }

    internal KubernetesClient(
        KubernetesClientConfiguration configuration,
        TimeProvider timeProvider,
        IKubernetesRequestObserver observer,
        Func<TlsIdentity, HttpMessageHandler> createHandler)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _credentials = new CredentialSource(configuration, timeProvider);
        _transport = new ApiTransport(configuration, createHandler);
        _connection = new ApiConnection(_transport, _credentials, configuration.RequestTimeout, timeProvider, observer);
    }

    public IResourceClient<T> Resource<T>(ResourceDefinition<T> definition)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new ResourceClient<T>(_connection, definition);
    }

    public Task<string> GetRawAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var request = new ApiRequest
        {
            Method = HttpMethod.Get,
            Verb = "get",
            Resource = "raw",
            Path = path.StartsWith('/') ? path : "/" + path,
            Subject = path,
            Accept = "application/json, text/plain;q=0.9, */*;q=0.8",
            MaxAnswer = ApiLimits.Raw,
        };
        return _connection.CallAsync(request, 0, static async (stream, _, ct) =>
        {
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return await reader.ReadToEndAsync(ct);
        }, cancellationToken);
    }

    public void Dispose()
    {
        _transport.Dispose();
        _credentials.Dispose();
    }
}
