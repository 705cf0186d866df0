using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CertOperator.Acme;

/// <summary>Flattened JSON serialization of a JWS (RFC 7515 section 7.2.2), as RFC 8555 section 6.2 restricts it.</summary>
internal static class Jws
{
    // Relaxed: what is escaped is what JSON demands. "&" in a URL stays "&".
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Signs <paramref name="payload"/>; an empty payload makes a POST-as-GET. A right-sized array, since HTTP may still read it after a cancellation.</summary>
    public static byte[] Serialize(IJwsSigner signer, JwsKeyReference key, string? nonce, Uri url, ReadOnlySpan<byte> payload)
    {
        using var header = new PooledBuffer();
        WriteHeader(header, signer.Algorithm, key, nonce, url);

        // The signing input is base64url(header) "." base64url(payload); both parts go into the result as they stand.
        var headerChars = Base64Url.GetEncodedLength(header.Length);
        var payloadChars = Base64Url.GetEncodedLength(payload.Length);
        using var input = new PooledBuffer(headerChars + 1 + payloadChars);
        var inputSpan = input.GetSpan(headerChars + 1 + payloadChars);
        Base64Url.EncodeToUtf8(header.Written, inputSpan);
        inputSpan[headerChars] = (byte)'.';
        Base64Url.EncodeToUtf8(payload, inputSpan[(headerChars + 1)..]);
        input.Advance(headerChars + 1 + payloadChars);

        Span<byte> signature = stackalloc byte[1024];
        var signatureBytes = signer.Sign(input.Written, signature[..signer.MaxSignatureBytes]);

        return Assemble(input.Written[..headerChars], input.Written[(headerChars + 1)..], signature[..signatureBytes]);
    }

    /// <summary>Writes a JSON payload into a pooled buffer.</summary>
    public static PooledBuffer WritePayload(Action<Utf8JsonWriter> write)
    {
        var buffer = new PooledBuffer();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        write(writer);
        writer.Flush();
        return buffer;
    }

    private static void WriteHeader(PooledBuffer buffer, string algorithm, JwsKeyReference key, string? nonce, Uri url)
    {
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("alg"u8, algorithm);
        if (key.Key is { } publicKey)
        {
            writer.WritePropertyName("jwk"u8);
            writer.WriteRawValue(publicKey.JwkUtf8, skipInputValidation: true);
        }
        else
        {
            writer.WriteString("kid"u8, key.KeyId);
        }

        if (nonce is not null)
        {
            writer.WriteString("nonce"u8, nonce);
        }

        // AbsoluteUri is exactly what goes on the wire, so the server's comparison (section 6.4) holds.
        writer.WriteString("url"u8, url.AbsoluteUri);
        writer.WriteEndObject();
        writer.Flush();
    }

    private static byte[] Assemble(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> signature)
    {
        var open = "{\"protected\":\""u8;
        var beforePayload = "\",\"payload\":\""u8;
        var beforeSignature = "\",\"signature\":\""u8;
        var close = "\"}"u8;
        var result = new byte[open.Length + header.Length + beforePayload.Length + payload.Length + beforeSignature.Length
            + Base64Url.GetEncodedLength(signature.Length) + close.Length];

        var rest = Append(result, open);
        rest = Append(rest, header);
        rest = Append(rest, beforePayload);
        rest = Append(rest, payload);
        rest = Append(rest, beforeSignature);
        rest = rest[Base64Url.EncodeToUtf8(signature, rest)..];
        Append(rest, close);
        return result;
    }

    private static Span<byte> Append(Span<byte> destination, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination);
        return destination[bytes.Length..];
    }
}
