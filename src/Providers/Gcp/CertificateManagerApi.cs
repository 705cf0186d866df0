using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Gcp;

/// <summary>The requests to Certificate Manager (REST, v1). Every refusal is an <see cref="IssuanceException"/>. Retries nothing.</summary>
public sealed class CertificateManagerApi(GcpAccess access, GcpIdentities identities, EgressHttpClients clients)
{
    public GcpAccess Access => access;

    /// <returns>Null where there is none of that name.</returns>
    public Task<GcpCertificate?> FindCertificateAsync(string name, CancellationToken cancellationToken)
        => FindAsync(name, GcpJsonContext.Default.GcpCertificate, cancellationToken);

    /// <returns>Null where there is none of that name.</returns>
    public Task<GcpDnsAuthorization?> FindDnsAuthorizationAsync(string name, CancellationToken cancellationToken)
        => FindAsync(name, GcpJsonContext.Default.GcpDnsAuthorization, cancellationToken);

    /// <returns>Null where there is one of that name by now.</returns>
    public Task<GcpOperation?> CreateCertificateAsync(string id, GcpCertificate certificate, CancellationToken cancellationToken)
        => CreateAsync($"{access.Parent}/certificates?certificateId={Uri.EscapeDataString(id)}", certificate, GcpJsonContext.Default.GcpCertificate, cancellationToken);

    /// <returns>Null where there is one of that name by now.</returns>
    public Task<GcpOperation?> CreateDnsAuthorizationAsync(string id, GcpDnsAuthorization authorization, CancellationToken cancellationToken)
        => CreateAsync($"{access.Parent}/dnsAuthorizations?dnsAuthorizationId={Uri.EscapeDataString(id)}", authorization, GcpJsonContext.Default.GcpDnsAuthorization, cancellationToken);

    /// <summary>Puts another pair in the place of an uploaded one.</summary>
    public async Task<GcpOperation> ReplaceSelfManagedAsync(string name, GcpSelfManagedCertificate pair, CancellationToken cancellationToken)
    {
        var (answer, what, url) = await SendAsync(HttpMethod.Patch, $"{name}?updateMask=selfManaged", Content(new GcpCertificate { SelfManaged = pair }, GcpJsonContext.Default.GcpCertificate), cancellationToken);
        return answer.IsSuccess ? Read(answer, GcpJsonContext.Default.GcpOperation, what, url) : throw Refusal(answer, what);
    }

    public async Task<GcpOperation> GetOperationAsync(string name, CancellationToken cancellationToken)
    {
        var (answer, what, url) = await SendAsync(HttpMethod.Get, name, null, cancellationToken);
        return answer.IsSuccess ? Read(answer, GcpJsonContext.Default.GcpOperation, what, url) : throw Refusal(answer, what);
    }

    /// <returns>Null where it is no longer known.</returns>
    public Task<GcpOperation?> FindOperationAsync(string name, CancellationToken cancellationToken)
        => FindAsync(name, GcpJsonContext.Default.GcpOperation, cancellationToken);

    private async Task<T?> FindAsync<T>(string name, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var (answer, what, url) = await SendAsync(HttpMethod.Get, name, null, cancellationToken);
        return answer.IsSuccess ? Read(answer, type, what, url)
            : answer.Status == HttpStatusCode.NotFound ? null
            : throw Refusal(answer, what);
    }

    private async Task<GcpOperation?> CreateAsync<T>(string path, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var (answer, what, url) = await SendAsync(HttpMethod.Post, path, Content(value, type), cancellationToken);
        return answer.IsSuccess ? Read(answer, GcpJsonContext.Default.GcpOperation, what, url)
            : answer.Status == HttpStatusCode.Conflict && answer.Body.Contains("ALREADY_EXISTS", StringComparison.Ordinal) ? null
            : throw Refusal(answer, what);
    }

    private async Task<(GcpAnswer Answer, string What, Uri Url)> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var url = new Uri($"{access.Endpoint.AbsoluteUri.TrimEnd('/')}/v1/{path}");
        var what = $"{method} {url.AbsolutePath}";
        using var request = new HttpRequestMessage(method, url) { Content = content };
        var token = await identities.TokenAsync(access, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        var answer = await GcpHttp.SendAsync(clients, access, request, what, cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            identities.Forget(access);
            if (!token.IsNew)
            {
                throw new IssuanceException(IssuanceFailure.Transient, GcpReasons.CredentialsRefused, $"Google Cloud no longer takes the token of {access.Identity}. The operator gets a new one and tries again.");
            }
        }

        return (answer, what, url);
    }

    private T Read<T>(GcpAnswer answer, JsonTypeInfo<T> type, string what, Uri url)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw GcpFailures.Unreadable(access, url, what);
        }
        catch (JsonException)
        {
            throw GcpFailures.Unreadable(access, url, what);
        }
    }

    private IssuanceException Refusal(GcpAnswer answer, string what) => GcpFailures.FromAnswer(access, what, answer.Status, answer.Body, answer.RetryAfter);

    private static StringContent Content<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.Serialize(value, type), Encoding.UTF8, "application/json");
}
