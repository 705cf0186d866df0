using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Crds.Rules;

/// <summary>
/// A hash that is the same on every replica and after every restart, so that jitter does not move a planned time.
/// </summary>
public static class StableHash
{
    /// <summary>A value from 0 up to, not including, 1, evenly spread over seeds.</summary>
    public static double Fraction(string seed) => Below(1L << 53, seed) / (double)(1L << 53);

    /// <summary>A value from 0 up to, not including, <paramref name="exclusiveMax"/>, evenly spread over seeds; 0 when the maximum is not positive.</summary>
    public static long Below(long exclusiveMax, string seed)
    {
        if (exclusiveMax <= 0)
        {
            return 0;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(seed), digest);
        return (long)(((UInt128)BinaryPrimitives.ReadUInt64BigEndian(digest) * (ulong)exclusiveMax) >> 64);
    }
}
