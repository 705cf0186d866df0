using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Gcp;
using CertOperator.Providers.Issuance;

namespace CertOperator.Operator.Issuers;

/// <summary>Fetches the service account's key, always from the policy's own namespace.</summary>
/// <param name="values">Reads Secrets.</param>
/// <param name="lendsOwnIdentity">Whether policies that name no credentials act as the operator.</param>
public sealed class GcpCredentials(SecretValues values, bool lendsOwnIdentity) : IIssuerCredentials
{
    private const string KeyFile = "credentials.json";

    public async Task<Issuer> ResolveAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
    {
        var google = (ResolvedGcpIssuer)issuer;
        return new GcpIssuer { Field = google.Field, Server = google.Server, CertificateId = google.CertificateId, Access = await ResolveAsync(@namespace, google.Access, cancellationToken) };
    }

    public Task CheckAsync(string @namespace, ResolvedIssuer issuer, CancellationToken cancellationToken)
        => ResolveAsync(@namespace, ((ResolvedGcpIssuer)issuer).Access, cancellationToken);

    /// <exception cref="CredentialException">The Secret is missing or does not hold what it must, or there is nobody to act as.</exception>
    public async Task<GcpAccess> ResolveAsync(string @namespace, ResolvedGcpAccess access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(access);
        if (access.CredentialsSecretName is null && !lendsOwnIdentity)
        {
            throw CredentialException.NobodyToActAs(access.Field);
        }

        return new GcpAccess
        {
            Field = access.Field,
            Endpoint = access.Endpoint,
            Project = access.Project,
            Location = access.Location,
            CaBundle = access.CaBundle,
            Account = access.CredentialsSecretName is { } name ? await AccountAsync(@namespace, name, $"{access.Field}.credentialsSecretName", cancellationToken) : null,
            CredentialsSecretName = access.CredentialsSecretName,
        };
    }

    private async Task<GoogleServiceAccount> AccountAsync(string @namespace, string secret, string field, CancellationToken cancellationToken)
    {
        try
        {
            return GoogleServiceAccount.Parse(await values.ReadAsync(@namespace, secret, KeyFile, field, cancellationToken));
        }
        catch (FormatException e)
        {
            throw new CredentialException($"{field}: key {KeyFile} of Secret {secret} {e.Message}. Store the service account's key file as Google Cloud gave it out.", e);
        }
    }
}
