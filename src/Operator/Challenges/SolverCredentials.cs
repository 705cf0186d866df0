using CertOperator.Crds.Settings;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.AcmeDns;
using CertOperator.Providers.Dns.AzureDns;
using CertOperator.Providers.Dns.Cloudflare;
using CertOperator.Providers.Dns.GoogleCloudDns;
using CertOperator.Providers.Dns.HttpReq;
using CertOperator.Providers.Dns.Protocol;
using CertOperator.Providers.Dns.Rfc2136;
using CertOperator.Providers.Dns.Route53;
using CertOperator.Providers.Gcp;
using CertOperator.Providers.Probing;

namespace CertOperator.Operator.Challenges;

/// <summary>Puts the settings of a solver of dns-01 together with its credentials, which are in Secrets of the policy's namespace.</summary>
public sealed class SolverCredentials(SecretValues secrets)
{
    private const int DefaultPatience = 600;

    /// <exception cref="CredentialException">A Secret is missing or does not hold what it must, or the settings are wrong.</exception>
    public async Task<Dns01Config> ResolveAsync(string @namespace, SolverSpec solver, CancellationToken cancellationToken)
    {
        // What a policy in good order rests on was checked; what a run has to take away may have been changed since.
        var problems = new List<string>();
        SolverRules.Check(solver, $"CertificateRenewalSettings default: spec.solvers[{solver.Name}]", problems.Add);
        if (problems.Count > 0)
        {
            throw new CredentialException(string.Join(" ", problems));
        }

        var dns01 = solver.Dns01!;
        return new Dns01Config
        {
            Options = new Dns01Options(solver.Name, dns01.FollowCname ?? true, TimeSpan.FromSeconds(dns01.PropagationTimeoutSeconds ?? DefaultPatience)),
            Resolvers = [.. (dns01.Resolvers ?? []).Select(AddressOf)],
            Provider = await ProviderAsync(@namespace, dns01, $"CertificateRenewalSettings default: spec.solvers[{solver.Name}].dns01", cancellationToken),
        };
    }

    private static EndpointAddress AddressOf(string text)
        => EndpointAddress.TryParse(text, "", out var address, out var error, DnsServer.DefaultPort) ? address! : throw new CredentialException(error!);

    private async Task<DnsProviderConfig> ProviderAsync(string @namespace, Dns01Spec dns01, string path, CancellationToken cancellationToken)
        => dns01 switch
        {
            { Rfc2136: { } rfc2136 } => new DnsProviderConfig.Rfc2136(new Rfc2136Config(AddressOf(rfc2136.Server), await KeyAsync(@namespace, rfc2136, $"{path}.rfc2136", cancellationToken))),
            { Httpreq: { } httpreq } => new DnsProviderConfig.HttpReq(new HttpReqConfig(new Uri(httpreq.Endpoint), httpreq.CaBundle, await UserAsync(@namespace, httpreq.SecretName, $"{path}.httpreq.secretName", cancellationToken))),
            { AcmeDns: { } acmeDns } => new DnsProviderConfig.AcmeDns(new AcmeDnsConfig(new Uri(acmeDns.Endpoint), acmeDns.CaBundle, await AccountAsync(@namespace, acmeDns.SecretName, $"{path}.acmeDns.secretName", cancellationToken))),
            { Cloudflare: { } cloudflare } => new DnsProviderConfig.Cloudflare(new CloudflareConfig(
                UriOf(cloudflare.Endpoint, CloudflareConfig.DefaultEndpoint),
                await secrets.ReadHeaderAsync(@namespace, cloudflare.SecretName, "apiToken", $"{path}.cloudflare.secretName", cancellationToken))),
            { Route53: { } route53 } => new DnsProviderConfig.Route53(new Route53Config(
                UriOf(route53.Endpoint, Route53Config.DefaultEndpoint),
                route53.Region ?? Route53Config.DefaultRegion,
                route53.HostedZoneId,
                await secrets.ReadAwsKeyAsync(@namespace, route53.SecretName, $"{path}.route53.secretName", cancellationToken))),
            { GoogleCloudDns: { } google } => await GoogleAsync(@namespace, google, $"{path}.googleCloudDns.secretName", cancellationToken),
            { AzureDns: { } azure } => new DnsProviderConfig.AzureDns(new AzureDnsConfig(
                UriOf(azure.Endpoint, AzureDnsConfig.DefaultEndpoint),
                UriOf(azure.AuthorityEndpoint, AzureDnsConfig.DefaultAuthority),
                azure.SubscriptionId,
                azure.ResourceGroup,
                azure.ZoneName,
                new AzureApplication(azure.TenantId, azure.ClientId, await secrets.ReadAsync(@namespace, azure.SecretName, "clientSecret", $"{path}.azureDns.secretName", cancellationToken)))),
            _ => throw new CredentialException($"{path} names no DNS provider."),
        };

    private static Uri UriOf(string? given, Uri standard) => given is null ? standard : new Uri(given);

    private async Task<DnsProviderConfig> GoogleAsync(string @namespace, GoogleCloudDnsSpec google, string field, CancellationToken cancellationToken)
    {
        const string Key = "key.json";
        var text = await secrets.ReadAsync(@namespace, google.SecretName, Key, field, cancellationToken);
        try
        {
            var account = GoogleServiceAccount.Parse(text);
            var project = google.Project ?? account.ProjectId
                ?? throw new CredentialException($"{field}: key {Key} of Secret {google.SecretName} names no project. Set dns01.googleCloudDns.project.");
            return new DnsProviderConfig.GoogleCloudDns(new GoogleCloudDnsConfig(UriOf(google.Endpoint, GoogleCloudDnsConfig.DefaultEndpoint), project, google.ManagedZone, account));
        }
        catch (FormatException e)
        {
            throw new CredentialException($"{field}: key {Key} of Secret {google.SecretName} {e.Message}. Store the service account's key file as Google Cloud gave it out.", e);
        }
    }

    private async Task<HttpReqUser?> UserAsync(string @namespace, string? secretName, string field, CancellationToken cancellationToken)
        => secretName is null
            ? null
            : new HttpReqUser(await secrets.ReadAsync(@namespace, secretName, "username", field, cancellationToken), await secrets.ReadAsync(@namespace, secretName, "password", field, cancellationToken));

    private async Task<AcmeDnsAccount> AccountAsync(string @namespace, string secretName, string field, CancellationToken cancellationToken)
        => new(
            await secrets.ReadHeaderAsync(@namespace, secretName, "username", field, cancellationToken),
            await secrets.ReadHeaderAsync(@namespace, secretName, "password", field, cancellationToken),
            await secrets.ReadAsync(@namespace, secretName, "subdomain", field, cancellationToken));

    private async Task<TsigKey?> KeyAsync(string @namespace, Rfc2136Spec rfc2136, string path, CancellationToken cancellationToken)
    {
        if (rfc2136 is not { TsigKeyName: { } name, TsigSecretName: { } secretName })
        {
            return null;
        }

        const string Key = "secret";
        var text = await secrets.ReadAsync(@namespace, secretName, Key, $"{path}.tsigSecretName", cancellationToken);
        try
        {
            return new TsigKey(DnsName.Parse(name), rfc2136.TsigAlgorithm ?? TsigAlgorithms.Default, Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            throw new CredentialException($"{path}.tsigSecretName: key {Key} of Secret {secretName} is not base64. Copy the secret as tsig-keygen prints it.");
        }
    }
}
