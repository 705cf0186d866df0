namespace CertOperator.Providers.Vault;

/// <summary>Reasons of Vault's refusals in the status of runs, beside those of <see cref="Issuance.IssuanceReasons"/>; part of the API, so they do not change.</summary>
public static class VaultReasons
{
    public const string AccessDenied = "VaultAccessDenied";
    public const string LoginRefused = "VaultLoginRefused";
    public const string NotAVaultServer = "NotAVaultServer";
    public const string RequestRefused = "VaultRequestRefused";
    public const string Sealed = "VaultSealed";
    public const string NothingMounted = "VaultNothingMounted";
}
