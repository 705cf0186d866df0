using System.Buffers;

namespace CertOperator.Acme;

internal static class Base64UrlText
{
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether the text has only characters of the base64url alphabet, no padding.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Alphabet);
}
