using System.Globalization;
using System.Security.Cryptography;

namespace CertOperator.Providers.Pki;

/// <summary>One decoded block of PEM text.</summary>
internal readonly record struct PemBlock(string Label, byte[] Der);

/// <summary>
/// Cuts PEM text (RFC 7468) into blocks in one pass, so that hostile text costs no more than its length. The library's
/// own reader passes silently over blocks that it cannot read; here they are errors.
/// </summary>
internal static class PemText
{
    private const string Begin = "-----BEGIN ";
    private const string Dashes = "-----";
    private const int MaxLabelLength = 64;

    /// <exception cref="PkiException">The text is too large, or is not PEM.</exception>
    public static List<PemBlock> Blocks(string text, int maxBytes, string what, bool allowText)
    {
        if (text.Length > maxBytes)
        {
            throw new PkiException(PkiReasons.TooLarge, string.Create(CultureInfo.InvariantCulture, $"The {what} has {text.Length} bytes of PEM and may have {maxBytes}."));
        }

        var blocks = new List<PemBlock>();
        var rest = text.AsSpan().TrimStart('\ufeff');
        while (true)
        {
            var begin = rest.IndexOf(Begin, StringComparison.Ordinal);
            var between = (begin < 0 ? rest : rest[..begin]).Trim();
            if (!between.IsEmpty && !allowText)
            {
                throw NotPem(what, between, blocks.Count);
            }

            if (begin < 0)
            {
                return blocks;
            }

            rest = rest[(begin + Begin.Length)..];
            blocks.Add(Block(ref rest, what, blocks.Count + 1));
        }
    }

    private static PemBlock Block(ref ReadOnlySpan<char> rest, string what, int number)
    {
        var labelLength = rest.IndexOf(Dashes, StringComparison.Ordinal);
        if (labelLength is < 0 or > MaxLabelLength || rest[..labelLength].IndexOfAny('\r', '\n') >= 0)
        {
            throw Broken(what, number, "does not begin with a whole BEGIN line");
        }

        var label = rest[..labelLength].ToString();
        rest = rest[(labelLength + Dashes.Length)..];
        var end = $"-----END {label}-----";
        var bodyLength = rest.IndexOf(end, StringComparison.Ordinal);
        if (bodyLength < 0)
        {
            throw Broken(what, number, "has no END line; the text may have been cut off");
        }

        var body = rest[..bodyLength];
        rest = rest[(bodyLength + end.Length)..];
        if (body.Contains("Proc-Type:", StringComparison.Ordinal))
        {
            // RFC 1421 headers, which old tools write on keys with a passphrase.
            throw new PkiException(PkiReasons.EncryptedKey, $"The {what} holds an encrypted private key; store it without a passphrase.");
        }

        var der = new byte[body.Length * 3 / 4 + 3];
        try
        {
            if (!Convert.TryFromBase64Chars(body, der, out var written) || written == 0)
            {
                throw Broken(what, number, "does not hold base64 alone");
            }

            return new PemBlock(label, der[..written]);
        }
        finally
        {
            // It may have been a private key.
            CryptographicOperations.ZeroMemory(der);
        }
    }

    private static PkiException NotPem(string what, ReadOnlySpan<char> text, int blocksBefore) =>
        new(PkiReasons.NotPem, text[0] == '<'
            ? $"The {what} is an HTML or XML page where PEM was expected; check the address that it came from."
            : blocksBefore == 0
                ? $"The {what} does not begin with a PEM block."
                : string.Create(CultureInfo.InvariantCulture, $"The {what} has something other than PEM after block {blocksBefore}."));

    private static PkiException Broken(string what, int number, string defect) =>
        new(PkiReasons.NotPem, string.Create(CultureInfo.InvariantCulture, $"PEM block {number} of the {what} {defect}."));
}
