using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Acme;

/// <summary>What proves control of a name (RFC 8555 section 8.1).</summary>
public static class KeyAuthorization
{
    /// <summary>The key authorization: the exact body of an http-01 answer.</summary>
    public static string For(string token, AccountKey key)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(key);
        return $"{token}.{key.Thumbprint}";
    }

    /// <summary>The value of the dns-01 TXT record (section 8.4): the base64url SHA-256 digest of the key authorization, 43 characters.</summary>
    public static string Dns01Value(string keyAuthorization)
    {
        ArgumentNullException.ThrowIfNull(keyAuthorization);
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(keyAuthorization)));
    }
}
