using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace CertOperator.Acme;

/// <summary>The JSON bodies of requests, one section of RFC 8555 each.</summary>
internal static class Payloads
{
    /// <summary>Section 7.5.1: "{}" and nothing else.</summary>
    public static void Empty(Utf8JsonWriter w)
    {
        w.WriteStartObject();
        w.WriteEndObject();
    }

    /// <summary>Sections 7.3 and 7.3.4.</summary>
    public static void NewAccount(Utf8JsonWriter w, NewAccountRequest request, byte[]? binding)
    {
        w.WriteStartObject();
        if (request.Contacts.Count > 0)
        {
            WriteStrings(w, "contact", request.Contacts);
        }

        if (request.TermsOfServiceAgreed)
        {
            w.WriteBoolean("termsOfServiceAgreed"u8, true);
        }

        if (request.OnlyReturnExisting)
        {
            w.WriteBoolean("onlyReturnExisting"u8, true);
        }

        if (binding is not null)
        {
            w.WritePropertyName("externalAccountBinding"u8);
            w.WriteRawValue(binding, skipInputValidation: true);
        }

        w.WriteEndObject();
    }

    /// <summary>Section 7.3.2; an empty list removes all contacts.</summary>
    public static void Contacts(Utf8JsonWriter w, IReadOnlyList<string> contacts)
    {
        w.WriteStartObject();
        WriteStrings(w, "contact", contacts);
        w.WriteEndObject();
    }

    /// <summary>Sections 7.3.6 and 7.5.2.</summary>
    public static void Deactivated(Utf8JsonWriter w)
    {
        w.WriteStartObject();
        w.WriteString("status"u8, "deactivated"u8);
        w.WriteEndObject();
    }

    /// <summary>Section 7.3.5, the inner payload.</summary>
    public static void KeyChange(Utf8JsonWriter w, string accountUrl, AccountKey oldKey)
    {
        w.WriteStartObject();
        w.WriteString("account"u8, accountUrl);
        w.WritePropertyName("oldKey"u8);
        w.WriteRawValue(oldKey.JwkUtf8, skipInputValidation: true);
        w.WriteEndObject();
    }

    /// <summary>Section 7.4; RFC 9773 section 5 for replaces; draft-ietf-acme-profiles section 4 for profile.</summary>
    public static void NewOrder(Utf8JsonWriter w, NewOrderRequest request)
    {
        w.WriteStartObject();
        w.WriteStartArray("identifiers"u8);
        foreach (var identifier in request.Identifiers)
        {
            WriteIdentifier(w, identifier);
        }

        w.WriteEndArray();
        WriteTime(w, "notBefore", request.NotBefore);
        WriteTime(w, "notAfter", request.NotAfter);
        if (request.Replaces is { } replaces)
        {
            w.WriteString("replaces"u8, replaces.Value);
        }

        if (request.Profile is { } profile)
        {
            w.WriteString("profile"u8, profile);
        }

        w.WriteEndObject();
    }

    /// <summary>Section 7.4.1.</summary>
    public static void NewAuthorization(Utf8JsonWriter w, AcmeIdentifier identifier)
    {
        w.WriteStartObject();
        w.WritePropertyName("identifier"u8);
        WriteIdentifier(w, identifier);
        w.WriteEndObject();
    }

    /// <summary>Section 7.4.</summary>
    public static void Finalize(Utf8JsonWriter w, ReadOnlyMemory<byte> csrDer)
    {
        w.WriteStartObject();
        w.WriteString("csr"u8, Base64Url.EncodeToString(csrDer.Span));
        w.WriteEndObject();
    }

    /// <summary>Section 7.6.</summary>
    public static void Revocation(Utf8JsonWriter w, ReadOnlyMemory<byte> certificateDer, RevocationReason? reason)
    {
        w.WriteStartObject();
        w.WriteString("certificate"u8, Base64Url.EncodeToString(certificateDer.Span));
        if (reason is { } code)
        {
            w.WriteNumber("reason"u8, (int)code);
        }

        w.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter w, string name, IReadOnlyList<string> values)
    {
        w.WriteStartArray(name);
        foreach (var value in values)
        {
            w.WriteStringValue(value);
        }

        w.WriteEndArray();
    }

    private static void WriteIdentifier(Utf8JsonWriter w, AcmeIdentifier identifier)
    {
        w.WriteStartObject();
        w.WriteString("type"u8, identifier.Type);
        w.WriteString("value"u8, identifier.Value);
        w.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter w, string name, DateTimeOffset? time)
    {
        if (time is { } t)
        {
            w.WriteString(name, t.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
    }
}
