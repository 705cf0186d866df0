using System.Globalization;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys.Vault;

/// <summary>One version of a key that is kept as a value. It signs here.</summary>
internal sealed class VaultKvKey : ICertificateKey
{
    private readonly PrivateKeyPair _pair;

    private VaultKvKey(PrivateKeyPair pair, KeyReference reference)
    {
        _pair = pair;
        Reference = reference;
    }

    public KeyAlgorithm Algorithm => _pair.Algorithm;

    public int Size => _pair.Size;

    public byte[] SubjectPublicKeyInfo => _pair.SubjectPublicKeyInfo;

    public KeyReference Reference { get; }

    public PrivateKeyPair? Exported => _pair;

    public static VaultKvKey Open(string url, int version, PrivateKeyPair pair)
        => new(pair, new KeyReference
        {
            Place = KeyPlaces.VaultKv,
            Key = url,
            Version = version.ToString(CultureInfo.InvariantCulture),
            PublicKeySha256 = KeyReference.Fingerprint(pair.SubjectPublicKeyInfo),
        });

    public bool Fits(KeyWish wish) => _pair.Matches(wish.Algorithm, wish.Size);

    public Task<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => _pair.SignAsync(data, cancellationToken);

    public void Dispose() => _pair.Dispose();
}
