using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using CertOperator.Providers.Egress;

namespace CertOperator.Providers.Aws;

/// <summary>Has the AWS SDK send its requests as the operator's own are sent: through the egress check, capped, and once, since the steps of a run try again.</summary>
public sealed class AwsSdk(EgressHttpClients http)
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The identity of the operator's process: environment, web identity of the service account, container or instance role. Where that is asked for the process's environment says, no policy does.</summary>
    public static async Task<AwsAccessKey> OwnIdentityAsync(CancellationToken cancellationToken)
    {
        var credentials = await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync().WaitAsync(cancellationToken);
        var found = await credentials.GetCredentialsAsync().WaitAsync(cancellationToken);
        return new AwsAccessKey(found.AccessKey, found.SecretKey, found.Token is { Length: > 0 } token ? token : null);
    }

    public static AWSCredentials CredentialsOf(AwsAccessKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.SessionToken is { } token ? new SessionAWSCredentials(key.Id, key.Secret, token) : new BasicAWSCredentials(key.Id, key.Secret);
    }

    /// <returns>Null where the exception stands for no answer of the service.</returns>
    public static AwsError? ErrorOf(AmazonServiceException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.ErrorCode is { Length: > 0 } code && exception.StatusCode != 0 && exception is not AmazonUnmarshallingException
            ? new AwsError(code, exception.Message ?? "", (int)exception.StatusCode)
            : null;
    }

    public static bool IsTransport(Exception exception, CancellationToken cancellationToken)
        => exception is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or System.Text.Json.JsonException or System.Xml.XmlException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Settings that a client of the SDK works with.</summary>
    public T Configure<T>(T config, AwsAccess access, Uri endpoint)
        where T : ClientConfig
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(endpoint);
        config.ServiceURL = endpoint.AbsoluteUri;
        config.AuthenticationRegion = access.Region;
        config.MaxErrorRetry = 0;
        config.Timeout = RequestTimeout;
        config.IgnoreConfiguredEndpointUrls = true;
        config.HttpClientFactory = new Factory(http, access.CaBundle);
        return config;
    }

    private sealed class Factory(EgressHttpClients http, string? caBundle) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http.GetCapped(caBundle);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
