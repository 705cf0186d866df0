using System.Globalization;
using System.Text;

namespace CertOperator.Crds.Rules;

/// <summary>Internationalised names (RFC 5890): certificates and DNS hold the ASCII form, the one with <c>xn--</c>.</summary>
internal static class InternationalNames
{
    private const string Prefix = "xn--";
    private static readonly IdnMapping Mapping = new();

    // U+200C and U+200D join letters in some scripts (RFC 5892, appendix A).
    private static bool IsWritten(Rune rune) => rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.UppercaseLetter
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>The ASCII form of a name in another script, or null where it cannot be told for certain.</summary>
    public static string? ToAscii(string name)
    {
        foreach (var c in name)
        {
            // Combining marks have to be composed first, which needs tables that a build with invariant
            // globalization lacks: no advice is better than a wrong name.
            if (char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control)
            {
                return null;
            }
        }

        try
        {
            // Without the tables the mapping does not fold case either, and an upper-case letter gives another name.
            return Mapping.GetAscii(name.ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether a label is in the ASCII form of an internationalised label.</summary>
    public static bool IsEncoded(string label) => label.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an encoded label stands for something that can be written, and is the one encoding of it.</summary>
    public static bool Decodes(string label)
    {
        try
        {
            var lower = label.ToLowerInvariant();
            var decoded = Mapping.GetUnicode(lower);
            return !Ascii.IsValid(decoded) && decoded.EnumerateRunes().All(IsWritten) && Mapping.GetAscii(decoded) == lower;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
