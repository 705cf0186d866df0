using CertOperator.Providers.Vault;

namespace CertOperator.Providers.Keys.Vault;

/// <summary>Has Vault's Transit engine decrypt keys.</summary>
/// <param name="flag">Where the key is set, for advice.</param>
/// <param name="connect">The server, with credentials as they are now.</param>
/// <param name="mount">Where the engine is mounted.</param>
/// <param name="name">The key's name.</param>
public sealed class VaultTransitUnwrapper(string flag, Func<VaultClient> connect, string mount, string name) : IKeyUnwrapper
{
    public string Field => flag;

    public async Task<byte[]> UnwrapAsync(string ciphertext, CancellationToken cancellationToken)
    {
        var vault = connect();
        var call = VaultCall.Write($"{mount}/decrypt/{name}", new TransitDecryptRequest(ciphertext), VaultKeyJsonContext.Default.TransitDecryptRequest);
        var plain = vault.Read(call, await vault.SendAsync(call, cancellationToken), VaultKeyJsonContext.Default.VaultEnvelopeTransitPlaintext).Plaintext ?? "";
        var bytes = new byte[plain.Length];
        return Convert.TryFromBase64String(plain, bytes, out var length) ? bytes[..length] : throw VaultFailures.NotVault(vault.Server, $"{call} with something that is no base64");
    }
}
