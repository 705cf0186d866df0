using System.Text.RegularExpressions;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Providers.Gcp;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Which certificate of Certificate Manager a policy is about: its own words first, then those of the namespace's settings. Pure.</summary>
public static partial class GcpIssuerResolver
{
    private const string Field = "spec.providerConfig.gcpCm";
    private const string DefaultLocation = "global";

    public static ResolvedGcpIssuer? Resolve(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(invalid);
        var config = Merge(policy.Spec.ProviderConfig?.GcpCm, settings?.Spec.Providers?.GcpCm);
        if (ResolveAccess(config, config.Project, Field, invalid) is not { } access)
        {
            return null;
        }

        IReadOnlyList<string> names = [policy.Spec.Hostname, .. policy.Spec.AdditionalNames ?? []];
        return new ResolvedGcpIssuer
        {
            Provider = CertificateProviderKind.GcpCm,
            Field = Field,
            Server = new Uri(access.Endpoint, $"/v1/projects/{access.Project}/locations/{access.Location}"),
            Access = access,
            CertificateId = config.Certificate ?? GcpNames.CertificateId($"{policy.Metadata.Namespace}/{policy.Metadata.Name}", [.. names.Select(n => n.ToLowerInvariant())]),
        };
    }

    /// <summary>Where and as whom to ask; null for what is wrong.</summary>
    public static ResolvedGcpAccess? ResolveAccess(GcpAccessConfig config, string? project, string field, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(invalid);
        if (project is null)
        {
            invalid($"{field}.project is missing. Name the project, in the policy or in CertificateRenewalSettings default.");
            return null;
        }

        if (!Project().IsMatch(project))
        {
            invalid($"{field}.project: \"{SecretRules.Shorten(project)}\" is no project id. Write it as Google Cloud shows it, such as shop-prod-1234.");
        }

        var location = config.Location ?? DefaultLocation;
        if (!Location().IsMatch(location))
        {
            invalid($"{field}.location: \"{SecretRules.Shorten(location)}\" is no location. Write one such as europe-west1, or leave it out for global.");
        }

        if (config.CredentialsSecretName is { } secret)
        {
            SecretRules.CheckName(secret, $"{field}.credentialsSecretName", invalid);
        }

        if (config.CredentialsSecretName is null && (config.Endpoint is not null || config.CaBundle is not null))
        {
            // Without credentials of its own the policy acts as the operator, whose token must reach nobody but Google.
            invalid($"{field}.{(config.Endpoint is not null ? "endpoint" : "caBundle")}: an address or trust of one's own needs credentials of one's own. Name a Secret in {field}.credentialsSecretName, or remove endpoint and caBundle.");
        }

        IssuerResolver.CheckBundle(config.CaBundle, $"{field}.caBundle", invalid);
        var endpoint = GcpAccess.CertificateManager;
        if (config.Endpoint is not null && (!Uri.TryCreate(config.Endpoint, UriKind.Absolute, out endpoint) || endpoint.Scheme != Uri.UriSchemeHttps
            || endpoint is not { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0, AbsolutePath: "/", Host.Length: > 0 }))
        {
            invalid($"{field}.endpoint: \"{SecretRules.Shorten(config.Endpoint)}\" is no https URL of a host alone. Leave it out for {GcpAccess.CertificateManager}.");
            return null;
        }

        return Project().IsMatch(project) && Location().IsMatch(location)
            ? new ResolvedGcpAccess(field, endpoint!, project, location, config.CaBundle, config.CredentialsSecretName)
            : null;
    }

    /// <summary>Credentials stay with their project: a policy that names another inherits nothing.</summary>
    private static GcpCmConfig Merge(GcpCmConfig? own, GcpCmConfig? inherited)
        => own is null || inherited is null || (own.Project is not null && own.Project != inherited.Project)
            ? own ?? (inherited is null ? new GcpCmConfig() : inherited with { Certificate = null })
            : new GcpCmConfig
            {
                Project = own.Project ?? inherited.Project,
                Location = own.Location ?? inherited.Location,
                Certificate = own.Certificate,
                Endpoint = own.Endpoint ?? inherited.Endpoint,
                CaBundle = own.CaBundle ?? inherited.CaBundle,
                CredentialsSecretName = own.CredentialsSecretName ?? inherited.CredentialsSecretName,
            };

    [GeneratedRegex(@"^([a-z0-9.-]{1,40}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]\z")]
    private static partial Regex Project();

    [GeneratedRegex(@"^[a-z][a-z0-9-]{1,40}\z")]
    private static partial Regex Location();
}

/// <summary>Which part of Google Cloud a policy asks, and as whom.</summary>
public sealed record ResolvedGcpAccess(string Field, Uri Endpoint, string Project, string Location, string? CaBundle, string? CredentialsSecretName);

/// <summary>A certificate that Google issues, keeps the key of, and renews.</summary>
public sealed record ResolvedGcpIssuer : ResolvedIssuer
{
    public required ResolvedGcpAccess Access { get; init; }

    public required string CertificateId { get; init; }

    public override bool KeyStays => true;

    public override bool RenewsItself => true;

    public override IEnumerable<string> RequestParts => [CertificateId];
}
