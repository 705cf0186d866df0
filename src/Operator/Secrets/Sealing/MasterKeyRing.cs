using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>The master keys there are: the first one seals, the others still open what they have sealed.</summary>
public sealed partial class MasterKeyRing
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

    /// <param name="text">Lines of an id, white space and the base64 of 32 bytes; empty lines and such that begin with # count for nothing.</param>
    /// <param name="source">Where the text is from; the message starts with it.</param>
    /// <exception cref="MasterKeyException">It is something else.</exception>
    public static MasterKeyRing Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        var keys = new List<MasterKey>();
        foreach (var (number, line) in text.Split('\n').Select((l, i) => (i + 1, l.Trim())).Where(l => l.Item2.Length > 0 && l.Item2[0] != '#'))
        {
            var key = Read(line) ?? throw new MasterKeyException($"{source}, line {number}: this is no master key. Write a name of up to 32 letters, digits, dots, hyphens and underscores, a space, and the output of: openssl rand -base64 32");
            if (keys.Exists(k => k.Id == key.Id))
            {
                throw new MasterKeyException($"{source}, line {number}: master key {key.Id} is there twice. Give each key a name of its own; a sealed value says by name which key opens it.");
            }

            keys.Add(key);
        }

        return keys.Count switch
        {
            0 => throw new MasterKeyException($"{source} holds no master key. Write a line with a name, a space, and the output of: openssl rand -base64 32"),
            > MaxKeys => throw new MasterKeyException($"{source} holds {keys.Count} master keys; {MaxKeys} are allowed. Remove those that seal nothing any more."),
            _ => new MasterKeyRing(keys),
        };
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public string ToText() => string.Concat(Keys.Select(k => $"{k.Id} {Convert.ToBase64String(k.Material)}\n"));

    public bool Equals(MasterKeyRing? other)
        => other is not null && Keys.Count == other.Keys.Count && Keys.Zip(other.Keys).All(p => p.First.Id == p.Second.Id && CryptographicOperations.FixedTimeEquals(p.First.Material, p.Second.Material));

    public override bool Equals(object? obj) => Equals(obj as MasterKeyRing);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(First.Id);

    public override string ToString() => $"MasterKeyRing {{ {string.Join(", ", Keys.Select(k => k.Id))} }}";

    private static MasterKey? Read(string line)
    {
        var match = Line().Match(line);
        var material = new byte[MasterKey.MaterialBytes];
        return match.Success && Convert.TryFromBase64String(match.Groups["key"].Value, material, out var length) && length == MasterKey.MaterialBytes
            ? new MasterKey(match.Groups["id"].Value, material)
            : null;
    }

    // 32 bytes are 44 characters, the last one a pad.
    [GeneratedRegex(@"^(?<id>[A-Za-z0-9][A-Za-z0-9._-]{0,31})[ \t]+(?<key>[A-Za-z0-9+/]{43}=)\z")]
    private static partial Regex Line();
}
