using System.Security.Cryptography;

namespace CertOperator.Acme;

internal sealed class MacSigner(byte[] key, MacAlgorithm algorithm) : IJwsSigner
{
    public string Algorithm => algorithm switch
    {
        MacAlgorithm.HS256 => "HS256",
        MacAlgorithm.HS384 => "HS384",
        _ => "HS512",
    };

    public int MaxSignatureBytes => HMACSHA512.HashSizeInBytes;

    public int Sign(ReadOnlySpan<byte> input, Span<byte> destination) => algorithm switch
    {
        MacAlgorithm.HS256 => HMACSHA256.HashData(key, input, destination),
        MacAlgorithm.HS384 => HMACSHA384.HashData(key, input, destination),
        _ => HMACSHA512.HashData(key, input, destination),
    };
}
