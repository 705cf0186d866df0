using CertOperator.Crds.Policies;

namespace CertOperator.Operator.Policies.Issuers;

/// <summary>Which key in Vault is a policy's. Pure.</summary>
public static class VaultKeyResolver
{
    private const string Field = "spec.keyBackendConfig.vault";
    private const string DefaultTransitMount = "transit";

    public static ResolvedVaultKeys? Resolve(CertificateRenewalPolicy policy, Action<string> invalid)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.Spec.KeyBackendConfig?.Vault is not { } config)
        {
            invalid($"{Field} is missing. It says where the Vault server is and how the operator proves there who it is.");
            return null;
        }

        var problems = 0;
        void Refuse(string message)
        {
            problems++;
            invalid(message);
        }

        if (config is { TransitMount: not null, KvMount: not null })
        {
            Refuse($"{Field}: transitMount and kvMount are both set. Keep transitMount for a key that never leaves Vault, or kvMount for one that the Secret holds too.");
        }

        var vault = VaultRules.Resolve(Field, config.Address, config.Namespace, config.CaBundle, config.Auth, Refuse);
        var isValue = config.KvMount is not null;
        var mount = config.KvMount ?? config.TransitMount ?? DefaultTransitMount;
        VaultRules.CheckPath(mount, $"{Field}.{(isValue ? "kvMount" : "transitMount")}", Refuse);
        var name = config.KeyName ?? DefaultName(policy, isValue);
        if (isValue)
        {
            VaultRules.CheckPath(name, $"{Field}.keyName", Refuse);
        }
        else
        {
            VaultRules.CheckName(name, $"{Field}.keyName", Refuse);
        }

        return problems > 0 || vault is null ? null : new ResolvedVaultKeys { Field = Field, Vault = vault, Mount = mount, Name = name, IsValue = isValue };
    }

    /// <summary>Names in Transit have one part. A namespace has no dot, so that no two policies meet.</summary>
    private static string DefaultName(CertificateRenewalPolicy policy, bool isValue) => $"{policy.Metadata.Namespace}{(isValue ? '/' : '.')}{policy.Metadata.Name}";
}
