using System.Security.Cryptography;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>The master keys there are: the first one seals, the others still open what they have sealed.</summary>
public sealed class MasterKeyRing
{
    /// <summary>More than a ring of <see cref="MaxKeys"/> needs, with room for comments.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Each stands for a rotation that was not finished.</summary>
    public const int MaxKeys = 16;

    private MasterKeyRing(IReadOnlyList<MasterKey> keys) => Keys = keys;

    public IReadOnlyList<MasterKey> Keys { get; }

    public MasterKey First => Keys[0];

    public MasterKey? Find(string id) => Keys.FirstOrDefault(k => k.Id == id);

    /// <summary>A ring with one new key, named after the time.</summary>
    public static MasterKeyRing Create(DateTimeOffset now)
        => new([new MasterKey($"k{now.ToUnixTimeSeconds()}", RandomNumberGenerator.GetBytes(MasterKey.MaterialBytes))]);

    /// <param name="keys">At least one.</param>
    public static MasterKeyRing Of(IReadOnlyList<MasterKey> keys) => new(keys);

    /// <summary>The text that <see cref="MasterKeyText"/> reads; what was wrapped stays so.</summary>
    public string ToText() => string.Concat(Keys.Select(k => $"{k.Id} {k.Wrapped ?? Convert.ToBase64String(k.Material)}\n"));

    public bool Equals(MasterKeyRing? other)
        => other is not null && Keys.Count == other.Keys.Count && Keys.Zip(other.Keys).All(p => p.First.Id == p.Second.Id && CryptographicOperations.FixedTimeEquals(p.First.Material, p.Second.Material));

    public override bool Equals(object? obj) => Equals(obj as MasterKeyRing);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(First.Id);

    public override string ToString() => $"MasterKeyRing {{ {string.Join(", ", Keys.Select(k => k.Id))} }}";
}
