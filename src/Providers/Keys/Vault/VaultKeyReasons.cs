namespace CertOperator.Providers.Keys.Vault;

/// <summary>Reasons of the key backend vault in the status of runs, beside those of <see cref="Providers.Vault.VaultReasons"/>; part of the API, so they do not change.</summary>
public static class VaultKeyReasons
{
    /// <summary>Deleted.</summary>
    public const string KeyNotFound = "KeyNotFound";

    /// <summary>May not sign any more, or is none of the operator's.</summary>
    public const string KeyNotUsable = "KeyNotUsable";

    /// <summary>Of another kind or size than wanted.</summary>
    public const string WrongKeySpec = "WrongKeySpec";

    /// <summary>A signature that the key did not make.</summary>
    public const string SignatureMismatch = "SignatureMismatch";
}
