using System.Text;

namespace CertOperator.Providers.Dns.Protocol;

/// <summary>A domain name (RFC 1035, section 3.1). Two spellings of one name are equal: DNS does not tell upper from lower case.</summary>
public sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>Length of the longest name on the wire, the root's zero byte included.</summary>
    public const int MaxWireLength = 255;

    public const int MaxLabelLength = 63;

    public static readonly DnsName Root = new([]);

    private readonly byte[][] _labels;

    private DnsName(byte[][] labels) => _labels = labels;

    public int LabelCount => _labels.Length;

    /// <summary>The name without its first label; null for the root.</summary>
    public DnsName? Parent => _labels.Length == 0 ? null : new DnsName(_labels[1..]);

    internal IReadOnlyList<byte[]> Labels => _labels;

    /// <summary>Reads a name as people write it, with or without the dot at its end. Hosts and underscored names only, no escapes.</summary>
    /// <exception cref="DnsFormatException">It is no name.</exception>
    public static DnsName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == ".")
        {
            return Root;
        }

        var labels = text.TrimEnd('.').Split('.');
        if (labels.Any(l => l.Length is 0 or > MaxLabelLength || l.Any(c => c is <= ' ' or > '~')))
        {
            throw new DnsFormatException("a label is empty, too long or holds other characters than printable ASCII");
        }

        return FromLabels([.. labels.Select(Encoding.ASCII.GetBytes)]);
    }

    /// <exception cref="DnsFormatException">The name is too long.</exception>
    public DnsName Prepend(string label) => FromLabels([Encoding.ASCII.GetBytes(label), .. _labels]);

    public bool IsAtOrBelow(DnsName ancestor)
    {
        ArgumentNullException.ThrowIfNull(ancestor);
        return _labels.Length >= ancestor._labels.Length && new DnsName(_labels[^ancestor._labels.Length..]).Equals(ancestor);
    }

    public bool Equals(DnsName? other)
    {
        if (other is null || other._labels.Length != _labels.Length)
        {
            return false;
        }

        for (var i = 0; i < _labels.Length; i++)
        {
            if (!Ascii.EqualsIgnoreCase(_labels[i], other._labels[i]) && !_labels[i].AsSpan().SequenceEqual(other._labels[i]))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var b in _labels.SelectMany(l => l))
        {
            hash.Add(Lower(b));
        }

        return hash.ToHashCode();
    }

    /// <summary>Without the dot at its end; bytes that are no printable ASCII, dots and backslashes within labels are escaped (RFC 4343, section 2.1).</summary>
    public override string ToString()
    {
        if (_labels.Length == 0)
        {
            return ".";
        }

        var text = new StringBuilder();
        foreach (var label in _labels)
        {
            foreach (var b in label)
            {
                _ = b is (byte)'.' or (byte)'\\' ? text.Append('\\').Append((char)b)
                    : b is > (byte)' ' and < 0x7f ? text.Append((char)b)
                    : text.Append('\\').Append(b.ToString("000", System.Globalization.CultureInfo.InvariantCulture));
            }

            text.Append('.');
        }

        return text.ToString(0, text.Length - 1);
    }

    internal static DnsName FromLabels(byte[][] labels)
        => labels.Sum(l => l.Length + 1) + 1 <= MaxWireLength ? new DnsName(labels) : throw new DnsFormatException($"a name is longer than {MaxWireLength} bytes");

    internal static byte Lower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b + 32) : b;
}
