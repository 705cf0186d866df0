using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Which role of which Vault PKI engine a policy uses: its own words first, then those of the namespace's settings. Pure.</summary>
public static class VaultPkiIssuerResolver
{
    private const string Field = "spec.providerConfig.vaultPki";
    private const string DefaultMount = "pki";

    public static ResolvedVaultPkiIssuer? Resolve(PolicySpec spec, CertificateRenewalSettings? settings, Action<string> invalid)
    {
        var config = Merge(spec.ProviderConfig?.VaultPki, settings?.Spec.Providers?.VaultPki);
        var problems = 0;
        void Refuse(string message)
        {
            problems++;
            invalid(message);
        }

        var vault = VaultRules.Resolve(Field, config.Address, config.Namespace, config.CaBundle, config.Auth, Refuse);
        var mount = config.Mount ?? DefaultMount;
        VaultRules.CheckPath(mount, $"{Field}.mount", Refuse);
        if (config.Role is null)
        {
            Refuse($"{Field}.role is missing. Set it to the role of the PKI engine that is to sign, in the policy or in CertificateRenewalSettings default.");
        }
        else
        {
            VaultRules.CheckName(config.Role, $"{Field}.role", Refuse);
        }

        return problems > 0 || vault is null
            ? null
            : new ResolvedVaultPkiIssuer
            {
                Provider = CertificateProviderKind.VaultPki,
                Field = Field,
                Server = vault.UrlOf(mount),
                Vault = vault,
                Mount = mount,
                Role = config.Role!,
                DurationSeconds = config.DurationSeconds,
            };
    }

    /// <summary>Credentials stay with their server: a policy that names another server inherits nothing.</summary>
    private static VaultPkiConfig Merge(VaultPkiConfig? own, VaultPkiConfig? inherited)
    {
        if (own is null || inherited is null || (own.Address is not null && own.Address != inherited.Address))
        {
            return own ?? inherited ?? new VaultPkiConfig();
        }

        return new VaultPkiConfig
        {
            Address = own.Address ?? inherited.Address,
            Mount = own.Mount ?? inherited.Mount,
            Role = own.Role ?? inherited.Role,
            Namespace = own.Namespace ?? inherited.Namespace,
            CaBundle = own.CaBundle ?? inherited.CaBundle,
            Auth = own.Auth ?? inherited.Auth,
            DurationSeconds = own.DurationSeconds ?? inherited.DurationSeconds,
        };
    }
}
