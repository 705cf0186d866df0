using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Which ACME server and account a policy uses: its own words first, then those of the namespace's settings. Pure.</summary>
public static class AcmeIssuerResolver
{
    private const string Acme = "spec.providerConfig.acme";
    private const string LetsEncrypt = "spec.providerConfig.letsencrypt";

    public static ResolvedAcmeIssuer? Resolve(PolicySpec spec, CertificateProviderKind provider, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        var config = ConfigOf(spec, provider, settings);
        var field = FieldOf(spec, provider);
        var server = Server(spec, provider, config.Server, invalid);
        var staging = config.StagingServer is { } named ? HttpsUrl(named, $"{field}.stagingServer", invalid) : server == PolicyResolver.LetsEncrypt || server == PolicyResolver.LetsEncryptStaging ? PolicyResolver.LetsEncryptStaging : null;
        IssuerResolver.CheckBundle(config.CaBundle, $"{field}.caBundle", invalid);
        if (config.Email is { } email && (email.Count(c => c == '@') != 1 || email.StartsWith('@') || email.EndsWith('@') || email.Any(c => char.IsWhiteSpace(c) || c is ',' or '?')))
        {
            invalid($"{field}.email: \"{email}\" is not one mail address. Write it as name@example.com.");
        }

        if (config.ExternalAccountBinding is { } binding)
        {
            SecretRules.CheckName(binding.SecretName, $"{field}.externalAccountBinding.secretName", invalid);
            if (string.IsNullOrWhiteSpace(binding.KeyId))
            {
                invalid($"{field}.externalAccountBinding.keyId is empty. Copy the key identifier that the CA gave you.");
            }
        }

        if (config.AccountSecretName is { } name)
        {
            SecretRules.CheckName(name, $"{field}.accountSecretName", invalid);
        }

        return server is null
            ? null
            : new ResolvedAcmeIssuer
            {
                Provider = provider,
                Field = field,
                Server = server,
                StagingServer = staging,
                Email = config.Email,
                CaBundle = config.CaBundle,
                ExternalAccount = config.ExternalAccountBinding,
                AccountSecretName = config.AccountSecretName ?? DefaultAccountSecret(server, config.ExternalAccountBinding),
                PreferredChain = config.PreferredChain,
                Profile = config.Profile,
                UseRenewalInfo = config.UseAri ?? true,
            };
    }

    /// <summary>The server that a policy names or inherits, however wrong the rest of it is; null without one.</summary>
    public static Uri? ServerOf(PolicySpec spec, CertificateProviderKind provider, CertificateRenewalSettings? settings)
        => Server(spec, provider, ConfigOf(spec, provider, settings).Server, _ => { });

    /// <summary>The Secret with the ACME account that a policy uses; null without a server.</summary>
    public static string? AccountSecretOf(PolicySpec spec, CertificateProviderKind provider, CertificateRenewalSettings? settings)
    {
        var config = ConfigOf(spec, provider, settings);
        return config.AccountSecretName ?? (ServerOf(spec, provider, settings) is { } server ? DefaultAccountSecret(server, config.ExternalAccountBinding) : null);
    }

    /// <summary>The certificate profile that a provider is asked for; null for the CA's own choice.</summary>
    public static string? ProfileOf(PolicySpec spec, CertificateProviderKind provider, CertificateRenewalSettings? settings) => ConfigOf(spec, provider, settings).Profile;

    /// <summary>The block of a policy's spec that says, or would say, how a provider is asked: a block for letsencrypt would hide the one for acme where that counts for it.</summary>
    public static string FieldOf(PolicySpec spec, CertificateProviderKind provider)
        => provider != CertificateProviderKind.LetsEncrypt || (spec.ProviderConfig is { Letsencrypt: null, Acme: not null } && SharesAcme(spec)) ? Acme : LetsEncrypt;

    /// <summary>Where a policy may ask both providers, what is said of the one must not reach the other.</summary>
    private static AcmeConfig ConfigOf(PolicySpec spec, CertificateProviderKind provider, CertificateRenewalSettings? settings)
    {
        if (provider != CertificateProviderKind.LetsEncrypt)
        {
            return Merge(spec.ProviderConfig?.Acme, settings?.Spec.Providers?.Acme);
        }

        var shared = SharesAcme(spec);
        return Merge(
            spec.ProviderConfig?.Letsencrypt ?? (shared ? spec.ProviderConfig?.Acme : null),
            settings?.Spec.Providers?.Letsencrypt ?? (shared ? settings?.Spec.Providers?.Acme : null));
    }

    private static bool SharesAcme(PolicySpec spec) => !ProviderChoice.CandidatesOf(spec).Contains(CertificateProviderKind.Acme);

    /// <summary>Credentials stay with their server: a policy that names another server inherits nothing.</summary>
    private static AcmeConfig Merge(AcmeConfig? own, AcmeConfig? inherited)
    {
        if (own is null || inherited is null || (own.Server is not null && own.Server != inherited.Server))
        {
            return own ?? inherited ?? new AcmeConfig();
        }

        return new AcmeConfig
        {
            Server = own.Server ?? inherited.Server,
            StagingServer = own.StagingServer ?? inherited.StagingServer,
            Email = own.Email ?? inherited.Email,
            CaBundle = own.CaBundle ?? inherited.CaBundle,
            ExternalAccountBinding = own.ExternalAccountBinding ?? inherited.ExternalAccountBinding,
            AccountSecretName = own.AccountSecretName ?? inherited.AccountSecretName,
            PreferredChain = own.PreferredChain ?? inherited.PreferredChain,
            Profile = own.Profile ?? inherited.Profile,
            UseAri = own.UseAri ?? inherited.UseAri,
        };
    }

    private static Uri? Server(PolicySpec spec, CertificateProviderKind provider, string? server, Action<string> invalid)
    {
        var field = FieldOf(spec, provider);
        var staging = spec.KeyBackendConfig?.Endpoint == CaEndpoint.Staging;
        if (staging && (provider != CertificateProviderKind.LetsEncrypt || (spec.ProviderConfig?.Letsencrypt ?? spec.ProviderConfig?.Acme)?.Server is not null))
        {
            invalid($"spec.keyBackendConfig.endpoint: staging selects Let's Encrypt's staging server. For another CA remove it and set {field}.server to that CA's staging directory.");
            return null;
        }

        if (provider == CertificateProviderKind.LetsEncrypt && (staging || server is null))
        {
            return staging ? PolicyResolver.LetsEncryptStaging : PolicyResolver.LetsEncrypt;
        }

        if (server is null)
        {
            invalid($"{field}.server is missing. Set it to the CA's ACME directory URL, in the policy or in CertificateRenewalSettings default.");
            return null;
        }

        return HttpsUrl(server, $"{field}.server", invalid);
    }

    private static Uri? HttpsUrl(string text, string field, Action<string> invalid)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 && uri.Host.Length > 0)
        {
            return uri;
        }

        invalid($"{field}: \"{text}\" is no https URL. Set it to the CA's ACME directory URL, such as https://acme.example.com/directory.");
        return null;
    }

    private static string DefaultAccountSecret(Uri server, ExternalAccountBindingConfig? binding)
        => "certoperator-acme-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server.AbsoluteUri}\n{binding?.KeyId}")))[..10];
}
