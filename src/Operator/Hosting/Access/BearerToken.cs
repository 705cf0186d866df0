using System.Buffers;

namespace CertOperator.Operator.Hosting.Access;

/// <summary>What can be a token at all (RFC 6750, section 2.1), told without a question to anybody. Pure.</summary>
internal static class BearerToken
{
    /// <summary>Tokens of service accounts take about 1,000 characters, those of an identity provider with many groups some thousand. The port takes 8 KiB of headers.</summary>
    public const int MostCharacters = 6 * 1024;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");

    public static bool IsPossible(ReadOnlySpan<char> token)
    {
        var text = token.TrimEnd('=');
        return text.Length > 0 && token.Length <= MostCharacters && !text.ContainsAnyExcept(Allowed);
    }
}
