using System.Security.Cryptography.X509Certificates;

namespace CertOperator.Providers.Pki;

/// <summary>Names of subjects and issuers for people to read.</summary>
internal static class DistinguishedNames
{
    private const int MaxLength = 200;

    /// <summary>The name in quotes, short enough for a message and without control characters.</summary>
    public static string Show(X500DistinguishedName name)
    {
        var text = name.Name;
        var clean = string.Concat(text.Take(MaxLength).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return clean.Length == 0 ? "a certificate without a subject" : text.Length > MaxLength ? $"'{clean}...'" : $"'{clean}'";
    }
}
