using System.Net;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Gcp;

/// <summary>
/// The metadata server of the node or, with workload identity, of the pod: gives out tokens of the operator's own service account. Its
/// address is fixed, so it needs no egress check; nothing that a tenant writes reaches it.
/// </summary>
public sealed class GcpMetadataServer(HttpClient http, string? host)
{
    /// <summary>What Google's own libraries name another server by.</summary>
    public const string HostVariable = "GCE_METADATA_HOST";

    private const string DefaultHost = "metadata.google.internal";

    /// <exception cref="IssuanceException">There is no such server, or it knows no account.</exception>
    public async Task<GcpOwnToken> TokenAsync(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://{host ?? DefaultHost}/computeMetadata/v1/instance/service-accounts/default/token");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Metadata-Flavor", "Google");
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode && GcpIdentities.Read(await response.Content.ReadAsStringAsync(cancellationToken)) is { } token
                ? token
                : throw NoIdentity(response.StatusCode < HttpStatusCode.InternalServerError ? IssuanceFailure.NeedsManual : IssuanceFailure.Transient, $"answered {(int)response.StatusCode} without a token.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It comes up after the pod.
            throw NoIdentity(IssuanceFailure.Transient, $"cannot be reached: {GcpFailures.Excerpt(e.Message)}");
        }

        IssuanceException NoIdentity(IssuanceFailure failure, string why) => new(
            failure,
            GcpReasons.CredentialsRefused,
            $"The operator has no identity at Google Cloud: the metadata server {address.Host} {why} Give its service account one by workload identity, or name a Secret with a service account key in the policy, then resume the run.");
    }
}
