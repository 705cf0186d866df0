using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CertOperator.Providers.Webhooks;

/// <summary>
/// The headers by which a receiver tells who sent a message, when, and whether it has it already. The signature is HMAC-SHA256 over
/// "TIMESTAMP.BODY"; the timestamp, Unix seconds, lets a receiver refuse what was recorded and is sent again.
/// </summary>
public static class WebhookSignature
{
    /// <summary>What the message is about, one word.</summary>
    public const string EventHeader = "CertOperator-Event";

    /// <summary>The same whenever the same message is sent again.</summary>
    public const string DeliveryHeader = "CertOperator-Delivery";

    public const string TimestampHeader = "CertOperator-Timestamp";
    public const string SignatureHeader = "CertOperator-Signature";

    /// <summary>Key, in the Secret that a webhook names, of the bytes that messages are signed with.</summary>
    public const string SecretKey = "signingKey";

    /// <summary>All headers of one message.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Headers(string eventName, string delivery, byte[] key, byte[] body, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return
        [
            new(EventHeader, eventName),
            new(DeliveryHeader, delivery),
            new(TimestampHeader, timestamp),
            new(SignatureHeader, Of(key, timestamp, body)),
        ];
    }

    /// <returns>"v1=" and the signature in lower-case hexadecimal.</returns>
    public static string Of(byte[] key, string timestamp, byte[] body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.ASCII.GetBytes(timestamp));
        hmac.AppendData("."u8);
        hmac.AppendData(body);
        return $"v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
