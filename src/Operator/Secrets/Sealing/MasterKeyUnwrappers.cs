using CertOperator.Operator.Options;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.AwsKms;
using CertOperator.Providers.Keys.Vault;
using CertOperator.Providers.Vault;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Reaches those that decrypt master keys. Files are read at each try, so a token that is rotated on disk needs no restart.</summary>
/// <param name="options">Who decrypts.</param>
/// <param name="http">Dials; the addresses are those of whoever runs the operator.</param>
/// <param name="time">The clock.</param>
public sealed class MasterKeyUnwrappers(MasterKeyWrappingOptions options, EgressHttpClients http, TimeProvider time)
{
    private const int MaxFileBytes = 256 * 1024;
    private const string Field = "--master-key-vault-auth";

    private readonly VaultClients _vaults = new(http, time);

    /// <exception cref="MasterKeyException">The file with CAs cannot be read.</exception>
    public IReadOnlyDictionary<string, IKeyUnwrapper> Create()
    {
        var caBundle = options.CaFile is { } file ? ReadCa(file) : null;
        var found = new Dictionary<string, IKeyUnwrapper>();
        if (options.KmsKey is { } key)
        {
            var access = new AwsAccess
            {
                Field = MasterKeyWrappingOptions.KmsKeyFlag,
                EndpointFields = $"{MasterKeyWrappingOptions.KmsKeyFlag} and --master-key-kms-endpoint",
                Region = key.Region,
                Endpoint = options.KmsEndpoint,
                CaBundle = caBundle,
                ExternalId = "",
            };
            found[WrappingSchemes.AwsKms] = new AwsKmsUnwrapper(key, access, AwsSdk.OwnIdentityAsync, new AwsSdk(http));
        }

        if (options is { VaultAddress: { } address, VaultKey: var (mount, name) })
        {
            found[WrappingSchemes.Vault] = new VaultTransitUnwrapper(MasterKeyWrappingOptions.VaultAddressFlag, () => Connect(address, caBundle), mount, name);
        }

        return found;
    }

    private VaultClient Connect(Uri address, string? caBundle)
        => _vaults.Create(new VaultServer
        {
            Field = "--master-key-vault-key",
            AddressField = MasterKeyWrappingOptions.VaultAddressFlag,
            Address = address,
            Namespace = options.VaultNamespace,
            CaBundle = caBundle,
            Login = options.VaultAuth switch
            {
                VaultAuthMethod.AppRole => new VaultLogin.AppRole(options.VaultAuthMount ?? "approle", options.VaultRole!, ReadCredential()) { Field = Field },
                VaultAuthMethod.Token => new VaultLogin.Token(ReadCredential()) { Field = "--master-key-vault-credential-file" },
                _ => new VaultLogin.Kubernetes(options.VaultAuthMount ?? "kubernetes", options.VaultRole!, $"in {options.VaultCredentialPath}", _ => Task.FromResult(ReadCredential())) { Field = Field },
            },
        });

    private string ReadCredential()
    {
        var path = options.VaultCredentialPath;
        try
        {
            var value = Read(path).Trim();
            return value.Length > 0 && value.All(c => c is >= ' ' and <= '~') ? value : throw Unusable($"{path} holds none, or something else");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"{path} cannot be read: {e.Message}");
        }

        static IssuanceException Unusable(string why) => new(IssuanceFailure.Transient, IssuanceReasons.InvalidCredentials, $"--master-key-vault-credential-file: the credential for Vault is missing. {why}");
    }

    private static string ReadCa(string path)
    {
        try
        {
            return Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MasterKeyException($"--master-key-ca-file {path} cannot be read: {e.Message}", e);
        }
    }

    private static string Read(string path)
        => CappedFile.ReadText(path, MaxFileBytes) ?? throw new IOException($"it is larger than {MaxFileBytes / 1024} KiB");
}
