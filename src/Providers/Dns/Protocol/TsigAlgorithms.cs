using System.Security.Cryptography;

namespace CertOperator.Providers.Dns.Protocol;

/// <summary>Algorithms of TSIG by the names that users and the wire know them by (RFC 8945, section 6).</summary>
public static class TsigAlgorithms
{
    public const string Default = "hmac-sha256";

    public static IReadOnlyList<string> All { get; } = ["hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha1"];

    internal static byte[] Compute(string algorithm, byte[] key, byte[] data)
        => algorithm switch
        {
            "hmac-sha256" => HMACSHA256.HashData(key, data),
            "hmac-sha384" => HMACSHA384.HashData(key, data),
            "hmac-sha512" => HMACSHA512.HashData(key, data),
#pragma warning disable CA5350 // Servers of old know no other, and HMAC does not rest on the hash being free of collisions.
            "hmac-sha1" => HMACSHA1.HashData(key, data),
#pragma warning restore CA5350
            _ => throw new ArgumentException($"{algorithm} is no TSIG algorithm.", nameof(algorithm)),
        };
}
