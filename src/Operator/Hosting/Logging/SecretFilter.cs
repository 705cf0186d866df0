using System.Text.RegularExpressions;

namespace CertOperator.Operator.Hosting.Logging;

/// <summary>
/// The last net, not the first: no message is written with a secret in it, but an exception's text may come from elsewhere.
/// Private keys in PEM, bearer tokens and JSON Web Tokens are taken out.
/// </summary>
internal static partial class SecretFilter
{
    private const int MaxLength = 16 * 1024;
    private const string Removed = "(removed)";

    public static string Clean(string text)
    {
        if (text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            text = PrivateKey().Replace(text, Removed);
        }

        if (text.Contains("earer ", StringComparison.Ordinal))
        {
            text = Bearer().Replace(text, "$1 " + Removed);
        }

        if (text.Contains("eyJ", StringComparison.Ordinal))
        {
            text = WebToken().Replace(text, Removed);
        }

        return text.Length <= MaxLength ? text : text[..MaxLength] + "...";
    }

    // A key whose end was cut off goes to the end of the text.
    [GeneratedRegex(@"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)", RegexOptions.Singleline)]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"([Bb]earer) [A-Za-z0-9._~+/=-]{8,}")]
    private static partial Regex Bearer();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")]
    private static partial Regex WebToken();
}
