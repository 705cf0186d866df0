using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Operator.Secrets.Sealing;

/// <summary>
/// Seals private keys with AES-256-GCM under a key that HKDF-SHA256 derives from the master key for each namespace. A sealed value is
/// text: <c>sealed:v1:ID:BASE64</c>, where ID names the master key and the rest is nonce, ciphertext and tag. Pure but for the nonce.
/// </summary>
public static class KeySeal
{
    private const string Prefix = "sealed:v1:";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int LongestId = 32;

    public static byte[] Seal(MasterKeyRing ring, SealedPlace place, ReadOnlySpan<byte> plain)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(place);
        var packed = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(packed.AsSpan(0, NonceBytes));
        using var cipher = Cipher(ring.First, place);
        cipher.Encrypt(packed.AsSpan(0, NonceBytes), plain, packed.AsSpan(NonceBytes, plain.Length), packed.AsSpan(NonceBytes + plain.Length), place.ToAssociatedData(ring.First.Id));
        return Encoding.ASCII.GetBytes($"{Prefix}{ring.First.Id}:{Convert.ToBase64String(packed)}");
    }

    /// <summary>Opens what <see cref="Seal"/> made; what was never sealed is taken as it is.</summary>
    public static Opening Open(MasterKeyRing ring, SealedPlace place, byte[] stored)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(place);
        if (!IsSealed(stored))
        {
            return new Opening.Plain(stored);
        }

        if (MasterKeyOf(stored) is not { } id || Unpack(stored) is not { Length: >= NonceBytes + TagBytes } packed)
        {
            return new Opening.Refused("It is cut off, or somebody has written there.");
        }

        if (ring.Find(id) is not { } key)
        {
            return new Opening.Refused($"It is sealed with master key {id}, which the operator does not have. Put that key back beside the others; if nobody has removed one, look for a second operator that works in this namespace.") { IsKeyUnknown = true };
        }

        var plain = new byte[packed.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = Cipher(key, place);
            cipher.Decrypt(packed.AsSpan(0, NonceBytes), packed.AsSpan(NonceBytes, plain.Length), packed.AsSpan(NonceBytes + plain.Length), plain, place.ToAssociatedData(id));
            return new Opening.Opened(plain, id == ring.First.Id);
        }
        catch (AuthenticationTagMismatchException)
        {
            return new Opening.Refused($"It was sealed for another namespace, policy, run or certificate, or with another key of the name {id}, or somebody has changed it.");
        }
    }

    /// <summary>Whether the value is sealed, by whichever key.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> stored) => stored.StartsWith("sealed:v1:"u8);

    /// <summary>The id of the master key that a value is sealed with; null where it is not sealed, or spoilt.</summary>
    public static string? MasterKeyOf(ReadOnlySpan<byte> stored)
    {
        if (!IsSealed(stored))
        {
            return null;
        }

        var rest = stored[Prefix.Length..];
        return rest.IndexOf((byte)':') is > 0 and <= LongestId and var end ? Encoding.ASCII.GetString(rest[..end]) : null;
    }

    private static byte[]? Unpack(ReadOnlySpan<byte> stored)
    {
        var rest = stored[Prefix.Length..];
        var text = rest[(rest.IndexOf((byte)':') + 1)..];
        var bytes = new byte[text.Length];
        return System.Buffers.Text.Base64.DecodeFromUtf8(text, bytes, out var read, out var written) == System.Buffers.OperationStatus.Done && read == text.Length ? bytes[..written] : null;
    }

    private static AesGcm Cipher(MasterKey key, SealedPlace place)
    {
        Span<byte> derived = stackalloc byte[MasterKey.MaterialBytes];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Material, derived, salt: [], Encoding.UTF8.GetBytes($"certoperator namespace key v1\n{place.Namespace}"));
            return new AesGcm(derived, TagBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }
}

/// <summary>What came of opening a value: a closed set.</summary>
public abstract record Opening
{
    private Opening()
    {
    }

    // The text that records write of themselves would show the key.
    public sealed override string ToString() => GetType().Name;

    /// <summary>It opened.</summary>
    /// <param name="Value">What was sealed.</param>
    /// <param name="ByFirst">Whether the key that seals now had sealed it.</param>
    public sealed record Opened(byte[] Value, bool ByFirst) : Opening;

    /// <summary>It was not sealed: an earlier version of the operator has stored it, or a person.</summary>
    public sealed record Plain(byte[] Value) : Opening;

    /// <summary>It does not open; the message says why.</summary>
    public sealed record Refused(string Message) : Opening
    {
        /// <summary>Nothing is wrong with the value: the key to it is missing.</summary>
        public bool IsKeyUnknown { get; init; }
    }
}
