using System.Globalization;
using System.Security.Cryptography;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Vault;

namespace CertOperator.Providers.Keys.Vault;

/// <summary>One version of a key in Transit. Every signature is made by that version and verified before it is handed on.</summary>
internal sealed class VaultTransitKey(VaultClient vault, VaultTransitKeys keys, string path, KeyReference reference, PublicKeyFacts publicKey) : ICertificateKey
{
    public KeyAlgorithm Algorithm => publicKey.Algorithm;

    public int Size => publicKey.Size;

    public byte[] SubjectPublicKeyInfo => publicKey.SubjectPublicKeyInfo;

    public KeyReference Reference => reference;

    public PrivateKeyPair? Exported => null;

    public async Task<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var version = int.Parse(reference.Version!, CultureInfo.InvariantCulture);
        var isRsa = Algorithm == KeyAlgorithm.Rsa;
        var hash = KeySignatures.HashFor(Algorithm, Size);
        var call = VaultCall.Write(
            path,
            new TransitSignRequest(
                Convert.ToBase64String(CryptographicOperations.HashData(hash, data.Span)),
                Prehashed: true,
                hash == HashAlgorithmName.SHA384 ? "sha2-384" : "sha2-256",
                version,
                isRsa ? null : "asn1",
                isRsa ? "pkcs1v15" : null),
            VaultKeyJsonContext.Default.TransitSignRequest);
        VaultAnswer answer;
        try
        {
            answer = await vault.SendAsync(call, cancellationToken);
        }
        catch (IssuanceException e) when (e.Reason is VaultReasons.RequestRefused or IssuanceReasons.ServerError)
        {
            // Vault answers 500 for some of what is wrong with a key.
            throw await keys.ExplainAsync(version, e, cancellationToken);
        }

        var signature = Decode(vault.Read(call, answer, VaultKeyJsonContext.Default.VaultEnvelopeTransitSignature).Signature, version);
        return signature is not null && KeySignatures.Verify(SubjectPublicKeyInfo, data.Span, signature)
            ? signature
            : throw new IssuanceException(
                IssuanceFailure.NeedsManual,
                VaultKeyReasons.SignatureMismatch,
                string.Create(CultureInfo.InvariantCulture, $"Vault at {vault.Server.Address.Authority} answered {call} with a signature that version {version} of the key did not make. It was not used; find out what answers there before another run is started."));
    }

    public void Dispose()
    {
    }

    /// <summary>vault:vVERSION:BASE64.</summary>
    private static byte[]? Decode(string? text, int version)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"vault:v{version}:");
        if (text is null || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var bytes = new byte[text.Length];
        return Convert.TryFromBase64Chars(text.AsSpan(prefix.Length), bytes, out var length) ? bytes[..length] : null;
    }
}
