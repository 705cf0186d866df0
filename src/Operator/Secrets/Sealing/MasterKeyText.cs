using System.Text.RegularExpressions;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>Master keys as they are written down, some of them wrapped. Pure.</summary>
public sealed partial class MasterKeyText
{
    private const string HowTo = "Write a name of up to 32 letters, digits, dots, hyphens and underscores, a space, and the output of: openssl rand -base64 32";

    private MasterKeyText(string source, IReadOnlyList<MasterKeyLine> lines) => (Source, Lines) = (source, lines);

    /// <summary>Where the text is from; messages start with it.</summary>
    public string Source { get; }

    public IReadOnlyList<MasterKeyLine> Lines { get; }

    /// <summary>The keys, where none of them is wrapped; else null.</summary>
    public MasterKeyRing? Plain => Lines.Any(l => l.Material is null) ? null : MasterKeyRing.Of([.. Lines.Select(l => new MasterKey(l.Id, l.Material!))]);

    /// <param name="text">Lines of an id, white space and the base64 of 32 bytes, or what a service gave out for them; empty lines and such that begin with # count for nothing.</param>
    /// <param name="source">Where the text is from; the message starts with it.</param>
    /// <exception cref="MasterKeyException">It is something else.</exception>
    public static MasterKeyText Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = new List<MasterKeyLine>();
        foreach (var (number, line) in text.Split('\n').Select((l, i) => (i + 1, l.Trim())).Where(l => l.Item2.Length > 0 && l.Item2[0] != '#'))
        {
            var key = Read(line) ?? throw new MasterKeyException($"{source}, line {number}: this is no master key. {HowTo}");
            if (lines.Exists(k => k.Id == key.Id))
            {
                throw new MasterKeyException($"{source}, line {number}: master key {key.Id} is there twice. Give each key a name of its own; a sealed value says by name which key opens it.");
            }

            lines.Add(key);
        }

        return lines.Count switch
        {
            0 => throw new MasterKeyException($"{source} holds no master key. Write a line with a name, a space, and the output of: openssl rand -base64 32"),
            > MasterKeyRing.MaxKeys => throw new MasterKeyException($"{source} holds {lines.Count} master keys; {MasterKeyRing.MaxKeys} are allowed. Remove those that seal nothing any more."),
            _ => new MasterKeyText(source, lines),
        };
    }

    public override string ToString() => $"MasterKeyText {{ {string.Join(", ", Lines.Select(k => k.Id))} }}";

    private static MasterKeyLine? Read(string line)
    {
        if (Line().Match(line) is not { Success: true } match)
        {
            return null;
        }

        var id = match.Groups["id"].Value;
        if (match.Groups["scheme"].Success)
        {
            return new MasterKeyLine(id, null, new WrappedKey(match.Groups["scheme"].Value, match.Groups["wrapped"].Value));
        }

        var material = new byte[MasterKey.MaterialBytes];
        return Convert.TryFromBase64String(match.Groups["key"].Value, material, out var length) && length == MasterKey.MaterialBytes ? new MasterKeyLine(id, material, null) : null;
    }

    // 32 bytes are 44 characters, the last one a pad. Of what Vault gives out the scheme is a part.
    [GeneratedRegex(@"^(?<id>[A-Za-z0-9][A-Za-z0-9._-]{0,31})[ \t]+(?:(?<key>[A-Za-z0-9+/]{43}=)|(?<scheme>aws-kms):(?<wrapped>(?:[A-Za-z0-9+/]{4}){8,500}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)|(?<wrapped>(?<scheme>vault):v[0-9]{1,9}:[A-Za-z0-9+/]{32,2000}={0,2}))\z")]
    private static partial Regex Line();
}

/// <summary>One key.</summary>
/// <param name="Id">What a sealed value names it by; no secret.</param>
/// <param name="Material">The key; null where it is wrapped.</param>
/// <param name="Wrapped">What stands in its place; null where it is not wrapped.</param>
public sealed record MasterKeyLine(string Id, byte[]? Material, WrappedKey? Wrapped)
{
    // The text that records write of themselves would show the key.
    public override string ToString() => $"MasterKeyLine {Id}";
}

/// <summary>A key that was encrypted elsewhere.</summary>
/// <param name="Scheme">One of <see cref="WrappingSchemes"/>.</param>
/// <param name="Ciphertext">What the service takes.</param>
public sealed record WrappedKey(string Scheme, string Ciphertext)
{
    /// <summary>As it is written down.</summary>
    public override string ToString() => Scheme == WrappingSchemes.Vault ? Ciphertext : $"{Scheme}:{Ciphertext}";
}

/// <summary>Who decrypts a wrapped key.</summary>
public static class WrappingSchemes
{
    public const string AwsKms = "aws-kms";
    public const string Vault = "vault";
}
