using System.Text;

namespace CertOperator.Kubernetes;

/// <summary>Brings the texts of an event into the lengths that the API server accepts.</summary>
internal static class EventText
{
    public const int MaxNoteBytes = 1024;
    public const int MaxWordLength = 128;
    private const int MaxNameLength = 253;
    private const string Ellipsis = "...";

    public static string Word(string text) => text.Length <= MaxWordLength ? text : text[..MaxWordLength];

    /// <summary>Counted in bytes of UTF-8, as the API server does, and never cut inside a character.</summary>
    public static string Note(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= MaxNoteBytes)
        {
            return text;
        }

        var kept = new StringBuilder();
        int bytes = Ellipsis.Length;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxNoteBytes)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.Append(Ellipsis).ToString();
    }

    /// <summary>The object's name and a suffix, cut so that the whole is a valid name.</summary>
    public static string Name(string objectName, string suffix)
    {
        int room = MaxNameLength - suffix.Length - 1;
        string prefix = objectName.Length <= room ? objectName : objectName[..room].TrimEnd('.', '-');
        return $"{prefix}.{suffix}";
    }
}
