using CertOperator.Providers.Aws;

namespace CertOperator.Operator.Options;

/// <summary>Where master keys are decrypted that are not written in plain text.</summary>
public sealed record MasterKeyWrappingOptions
{
    public const string KmsKeyFlag = "--master-key-kms-key";
    public const string VaultAddressFlag = "--master-key-vault-address";

    private const string PodToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /// <summary>A key or alias in AWS KMS, or null to go without KMS.</summary>
    public AwsArn? KmsKey { get; init; }

    /// <summary>Endpoint of KMS, or null for the public one of the key's region.</summary>
    public Uri? KmsEndpoint { get; init; }

    /// <summary>A Vault server, or null to go without Vault.</summary>
    public Uri? VaultAddress { get; init; }

    /// <summary>Mount and name of a key in Transit.</summary>
    public (string Mount, string Name)? VaultKey { get; init; }

    /// <summary>Namespace in Vault Enterprise, or null for the root.</summary>
    public string? VaultNamespace { get; init; }

    public VaultAuthMethod VaultAuth { get; init; }

    /// <summary>Where the auth method is mounted, or null for its usual place.</summary>
    public string? VaultAuthMount { get; init; }

    /// <summary>Role of the auth method kubernetes, role id of an AppRole.</summary>
    public string? VaultRole { get; init; }

    /// <summary>File with the service account's token, the secret id or the Vault token, or null for the token of the pod.</summary>
    public string? VaultCredentialFile { get; init; }

    /// <summary>File with CAs to trust besides the system's, or null.</summary>
    public string? CaFile { get; init; }

    public string VaultCredentialPath => VaultCredentialFile ?? PodToken;

    /// <summary>What no single option shows.</summary>
    public IEnumerable<string> FindProblems()
    {
        if (VaultAddress is null != VaultKey is null)
        {
            yield return $"{VaultAddressFlag} and --master-key-vault-key go together: the server, and the key in its Transit engine. Give both or neither.";
        }
        else if (VaultAddress is not null)
        {
            if (VaultAuth == VaultAuthMethod.Token ? VaultRole is not null : VaultRole is null)
            {
                yield return VaultAuth == VaultAuthMethod.Token
                    ? "--master-key-vault-role: a token has no role; leave it out, or set --master-key-vault-auth to kubernetes or approle."
                    : "--master-key-vault-role is missing; give the role of the auth method kubernetes, or the role id of the AppRole.";
            }

            if (VaultAuth != VaultAuthMethod.Kubernetes && VaultCredentialFile is null)
            {
                yield return $"--master-key-vault-credential-file is missing; name the file with the {(VaultAuth == VaultAuthMethod.Token ? "token" : "AppRole's secret id")}.";
            }

            if (VaultAuth == VaultAuthMethod.Token && VaultAuthMount is not null)
            {
                yield return "--master-key-vault-auth-mount: a token comes from no mount; leave it out.";
            }
        }
        else if (this is not { VaultNamespace: null, VaultAuth: VaultAuthMethod.Kubernetes, VaultAuthMount: null, VaultRole: null, VaultCredentialFile: null })
        {
            yield return $"an option --master-key-vault-... is given without {VaultAddressFlag}; give that and --master-key-vault-key, or leave it out.";
        }

        if (KmsKey is null && KmsEndpoint is not null)
        {
            yield return $"--master-key-kms-endpoint is given without {KmsKeyFlag}; give that, or leave it out.";
        }

        if (CaFile is not null && KmsKey is null && VaultAddress is null)
        {
            yield return $"--master-key-ca-file is given without {KmsKeyFlag} and {VaultAddressFlag}; give one of them, or leave it out.";
        }
    }
}

/// <summary>How the operator logs in to Vault for its master keys.</summary>
public enum VaultAuthMethod
{
    /// <summary>With a token of its own service account.</summary>
    Kubernetes,

    AppRole,

    /// <summary>With a token that somebody else looks after.</summary>
    Token,
}
