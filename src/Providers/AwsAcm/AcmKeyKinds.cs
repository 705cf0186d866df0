using CertOperator.Providers.Pki;

namespace CertOperator.Providers.AwsAcm;

/// <summary>Kinds of keys as ACM calls them. Pure.</summary>
internal static class AcmKeyKinds
{
    public static string Of(KeyAlgorithm algorithm, int size)
        => (algorithm, size) switch
        {
            (KeyAlgorithm.Rsa, _) => $"RSA_{size}",
            (_, 256) => "EC_prime256v1",
            _ => $"EC_secp{size}r1",
        };

    /// <summary>ACM does not always spell kinds the same: RSA_2048 in requests is RSA-2048 in some answers.</summary>
    public static bool AreSame(string? one, string other) => string.Equals(Show(one), Show(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>As requests spell it.</summary>
    public static string? Show(string? kind) => kind?.Replace('-', '_');
}
