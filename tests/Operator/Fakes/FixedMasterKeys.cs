using CertOperator.Operator.Secrets.Sealing;

namespace CertOperator.Operator.Tests.Fakes;

/// <summary>Master keys that a test sets.</summary>
internal sealed class FixedMasterKeys(MasterKeyRing ring) : IMasterKeys
{
    public MasterKeyRing Ring { get; set; } = ring;

    /// <summary>What there is by now, which a look anew finds.</summary>
    public MasterKeyRing? Newer { get; set; }

    /// <summary>A ring with a key of each name, the material the same for the same name.</summary>
    public static MasterKeyRing Named(params string[] ids)
        => MasterKeyText.Parse(string.Join('\n', ids.Select(id => $"{id} {Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)))}")), "the test").Plain!;

    public ValueTask<MasterKeyRing> GetAsync(CancellationToken cancellationToken) => new(Ring);

    public ValueTask<MasterKeyRing> ReloadAsync(CancellationToken cancellationToken) => new(Ring = Newer ?? Ring);

    public ValueTask<MasterKeyRing?> FindAsync(CancellationToken cancellationToken) => new(Ring);
}
