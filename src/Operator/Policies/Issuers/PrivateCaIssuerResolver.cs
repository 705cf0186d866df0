using System.Globalization;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Settings;
using CertOperator.Providers.PrivateCa;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Which private CA a policy uses: its own words first, then those of the namespace's settings. Pure.</summary>
public static class PrivateCaIssuerResolver
{
    private const string Field = PrivateCaIssuer.DefaultPrivateCaField;
    private const int DefaultDuration = 90 * 86400;
    private const int DefaultRootDuration = 2 * 365 * 86400;
    private const int Day = 86400;

    public static ResolvedPrivateCaIssuer? Resolve(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(invalid);
        var spec = policy.Spec;
        var config = Merge(spec.ProviderConfig?.PrivateCa, settings?.Spec.Providers?.PrivateCa);
        if (config.SecretName is not { } secret)
        {
            invalid($"{Field}.secretName is missing. Name the Secret with the CA's key pair, in the policy or in CertificateRenewalSettings default.");
            return null;
        }

        var problems = 0;
        void Count(string message)
        {
            problems++;
            invalid(message);
        }

        SecretRules.CheckName(secret, $"{Field}.secretName", Count);
        if (secret == spec.SecretName)
        {
            Count($"{Field}.secretName: Secret {secret} is the one that the policy writes its certificate to, and cannot hold the CA too. Name another.");
        }

        CheckUrls(config.CrlUrls, "crlUrls", Count);
        CheckUrls(config.IssuerUrls, "issuerUrls", Count);
        var root = config.Root is null ? null : RootOf(config.Root, secret, Count);
        return problems > 0
            ? null
            : new ResolvedPrivateCaIssuer
            {
                Provider = CertificateProviderKind.PrivateCa,
                Field = Field,
                Server = new Uri($"private-ca://{policy.Metadata.Namespace}/{secret}"),
                SecretName = secret,
                Lifetime = TimeSpan.FromSeconds(config.DurationSeconds ?? DefaultDuration),
                CrlUrls = config.CrlUrls ?? [],
                IssuerUrls = config.IssuerUrls ?? [],
                Root = root,
            };
    }

    private static PrivateRoot RootOf(PrivateCaRootConfig root, string secret, Action<string> invalid)
    {
        var duration = root.DurationSeconds ?? DefaultRootDuration;
        var renewAfter = root.RenewAfterSeconds ?? duration / 2;
        if (renewAfter >= duration)
        {
            invalid(string.Create(CultureInfo.InvariantCulture, $"{Field}.root.renewAfterSeconds: {renewAfter} is not less than the lifetime of the CA, {duration}. Use half of it, or leave it out."));
        }

        var delay = root.TrustDelaySeconds ?? Math.Min(Day, (duration - renewAfter) / 4);
        if (delay >= duration - renewAfter)
        {
            invalid(string.Create(CultureInfo.InvariantCulture, $"{Field}.root.trustDelaySeconds: {delay} is not less than the {duration - renewAfter} s that are left of the CA when its successor is made. Use less, or make {Field}.root.renewAfterSeconds less."));
        }

        var bundle = root.TrustConfigMapName ?? $"{secret}-trust";
        SecretRules.CheckName(bundle, $"{Field}.root.trustConfigMapName", invalid, "a ConfigMap");
        var domains = (root.PermittedDomains ?? []).Select(HostnameRules.Normalise).ToList();
        for (var i = 0; i < domains.Count; i++)
        {
            if (HostnameRules.Check(domains[i], $"{Field}.root.permittedDomains[{i}]", HostnameOptions.CertificateName) is { } problem)
            {
                invalid(Sentences.Of(problem));
            }
        }

        return new PrivateRoot(root.CommonName, TimeSpan.FromSeconds(duration), TimeSpan.FromSeconds(renewAfter), TimeSpan.FromSeconds(delay), bundle, domains);
    }

    /// <summary>What is said of one CA does not hold for another: a policy that names another Secret inherits nothing.</summary>
    private static PrivateCaConfig Merge(PrivateCaConfig? own, PrivateCaConfig? inherited)
        => own is null || inherited is null || (own.SecretName is not null && own.SecretName != inherited.SecretName)
            ? own ?? inherited ?? new PrivateCaConfig()
            : new PrivateCaConfig
            {
                SecretName = own.SecretName ?? inherited.SecretName,
                DurationSeconds = own.DurationSeconds ?? inherited.DurationSeconds,
                CrlUrls = own.CrlUrls ?? inherited.CrlUrls,
                IssuerUrls = own.IssuerUrls ?? inherited.IssuerUrls,
                Root = own.Root ?? inherited.Root,
            };

    private static void CheckUrls(IReadOnlyList<string>? urls, string name, Action<string> invalid)
    {
        for (var i = 0; i < (urls?.Count ?? 0); i++)
        {
            if (!Uri.TryCreate(urls![i], UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || urls[i].Any(c => !char.IsAscii(c) || char.IsWhiteSpace(c)))
            {
                invalid($"{Field}.{name}[{i}]: \"{urls[i]}\" is no http or https URL. Clients fetch it over http as a rule, since it is needed before they trust a server.");
            }
        }
    }
}
