using System.Globalization;
using System.Net.Http.Headers;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Vault;

/// <summary>Carries requests to one Vault server. Knows nothing of logins and retries nothing.</summary>
/// <param name="http">Dials through the egress check and follows no redirect.</param>
/// <param name="server">Who is asked.</param>
/// <param name="timeProvider">Limits the time that an answer may take.</param>
internal sealed class VaultTransport(HttpClient http, VaultServer server, TimeProvider timeProvider)
{
    private const int MaxBodyBytes = 1024 * 1024;

    // HttpClient's own ends with the headers, and a body may stall as well.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public VaultServer Server => server;

    /// <returns>Vault's answer, whatever its status.</returns>
    /// <exception cref="IssuanceException">Vault cannot be reached, or breaks off.</exception>
    public async Task<VaultAnswer> SendAsync(VaultCall call, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(call.Method, VaultPaths.Url(server.Address, call.Path, call.Query));
        // A Vault Agent or proxy may be set to refuse whatever comes without it.
        request.Headers.Add("X-Vault-Request", "true");
        if (server.Namespace is not null)
        {
            request.Headers.Add("X-Vault-Namespace", server.Namespace);
        }

        if (token is not null)
        {
            request.Headers.Add("X-Vault-Token", token);
        }

        if (call.Body is not null)
        {
            request.Content = new ByteArrayContent(call.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var limit = new CancellationTokenSource(Limit, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            return new VaultAnswer(response.StatusCode, await ReadAsync(response, linked.Token), response.Headers.RetryAfter?.Delta);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IssuanceException(
                IssuanceFailure.Transient,
                IssuanceReasons.ServerUnreachable,
                string.Create(CultureInfo.InvariantCulture, $"Vault at {server.Address.Authority} did not answer {call} within {Limit.TotalSeconds} s. The operator tries again."),
                inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw FromTransport(e);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        => await ResponseBody.ReadAsync(response, MaxBodyBytes, cancellationToken) ?? throw VaultFailures.NotVault(server, $"more than {MaxBodyBytes / 1024} KiB");

    private IssuanceException FromTransport(Exception exception)
        => TransportFailures.Find(exception, connect => new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, $"Vault: {connect.Message}", inner: exception))
        ?? new IssuanceException(IssuanceFailure.Transient, IssuanceReasons.ServerUnreachable, $"Vault at {server.Address.Authority} broke off or cannot be reached: {exception.Message}", inner: exception);
}
