using System.Runtime.CompilerServices;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Providers.Pki;

namespace CertOperator.Operator.Policies;

/// <summary>Which place a policy's certificates come from, and how it is asked: each provider has rules of its own. Pure.</summary>
public static class IssuerResolver
{
    /// <summary>Thousands of policies share one bundle, and the caches one text of it: it is parsed once, as long as it lives.</summary>
    private static readonly ConditionalWeakTable<string, BundleVerdict> Verdicts = new();

    public static ResolvedIssuer? Resolve(CertificateRenewalPolicy policy, CertificateProviderKind provider, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(invalid);
        policy = InheritedDefaults.Fill(policy, settings);
        switch (provider)
        {
            case CertificateProviderKind.LetsEncrypt or CertificateProviderKind.Acme:
                return AcmeIssuerResolver.Resolve(policy.Spec, provider, settings, invalid);

            case CertificateProviderKind.VaultPki:
                return VaultPkiIssuerResolver.Resolve(policy.Spec, settings, invalid);

            case CertificateProviderKind.PrivateCa:
                return PrivateCaIssuerResolver.Resolve(policy, settings, invalid);

            case CertificateProviderKind.GcpCm:
                return GcpIssuerResolver.Resolve(policy, settings, invalid);

            case CertificateProviderKind.Manual:
                return ResolvedManualIssuer.Create(policy);

            case CertificateProviderKind.AwsAcm:
                return AwsAcmIssuerResolver.Resolve(policy.Spec, settings, invalid);

            default:
                invalid($"spec.provider: this version of the operator knows no provider {provider}. Choose another one, or update the operator.");
                return null;
        }
    }

    /// <summary>What the place is known by that a policy names or inherits, however wrong the rest of it is; null without one.</summary>
    public static Uri? ServerOf(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy = InheritedDefaults.Fill(policy, settings);
        var provider = ProviderChoice.PrimaryOf(policy.Spec);
        return ProviderRules.IsAcme(provider) ? AcmeIssuerResolver.ServerOf(policy.Spec, provider, settings) : Resolve(policy, provider, settings, _ => { })?.Server;
    }

    /// <summary>The Secret with the ACME account that a policy uses; null without a server, and with another provider.</summary>
    public static string? AccountSecretOf(CertificateRenewalPolicy policy, CertificateRenewalSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy = InheritedDefaults.Fill(policy, settings);
        var provider = ProviderChoice.PrimaryOf(policy.Spec);
        return ProviderRules.IsAcme(provider) ? AcmeIssuerResolver.AccountSecretOf(policy.Spec, provider, settings) : null;
    }

    /// <summary>Refuses what no TLS client could use, before it reaches one.</summary>
    public static void CheckBundle(string? pem, string field, Action<string> invalid)
    {
        if (pem is not null && Verdicts.GetValue(pem, static text => new BundleVerdict(Judge(text))).Problem is { } problem)
        {
            invalid($"{field}: {problem} Give CA certificates in PEM.");
        }
    }

    private static string? Judge(string pem)
    {
        try
        {
            CaBundle.Parse(pem).Dispose();
            return null;
        }
        catch (PkiException e)
        {
            return e.Message;
        }
    }

    private sealed record BundleVerdict(string? Problem);
}
