using System.Text;

namespace CertOperator.Kubernetes;

/// <summary>Turns the content of a token file into a header value.</summary>
internal static class BearerToken
{
    /// <exception cref="KubernetesConfigurationException">Empty, or holds what no header may hold; the token itself is not shown.</exception>
    public static string Parse(ReadOnlySpan<byte> content, string origin)
    {
        var token = content.Trim(" \r\n\t"u8);
        if (token.IsEmpty)
        {
            throw new KubernetesConfigurationException($"{origin}: the token is empty");
        }

        return token.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? throw new KubernetesConfigurationException($"{origin}: the token holds blanks or control characters")
            : Encoding.ASCII.GetString(token);
    }
}
