using System.Buffers.Text;

namespace CertOperator.Acme;

/// <summary>
/// The credentials that a CA hands out to bind an ACME account to an account of its own (RFC 8555 section 7.3.4).
/// A class, not a record, so that no generated text shows the MAC key.
/// </summary>
public sealed class ExternalAccountBinding
{
    private const int MaxEncodedKeyChars = 4096;
    private readonly byte[] _macKey;

    private ExternalAccountBinding(string keyId, byte[] macKey, MacAlgorithm algorithm)
    {
        KeyId = keyId;
        _macKey = macKey;
        Algorithm = algorithm;
    }

    /// <summary>The CA's identifier of the MAC key.</summary>
    public string KeyId { get; }

    public MacAlgorithm Algorithm { get; }

    /// <summary>
    /// Takes the MAC key as CAs print it: base64url, with or without padding. Standard base64 and surrounding white space are accepted
    /// too, since people paste both.
    /// </summary>
    /// <exception cref="AcmeCredentialException">The key id is empty or the key is not base64.</exception>
    public static ExternalAccountBinding Create(string keyId, string encodedMacKey, MacAlgorithm algorithm = MacAlgorithm.HS256)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        ArgumentNullException.ThrowIfNull(encodedMacKey);
        var trimmedId = keyId.Trim();
        if (trimmedId.Length == 0)
        {
            throw new AcmeCredentialException("The external account binding's key id is empty.");
        }

        return new ExternalAccountBinding(trimmedId, Decode(encodedMacKey), algorithm);
    }

    /// <summary>The JWS that goes into the newAccount request: the account's public key, signed with the MAC key.</summary>
    internal byte[] Sign(AccountKey accountKey, Uri newAccount)
    {
        var signer = new MacSigner(_macKey, Algorithm);
        return Jws.Serialize(signer, JwsKeyReference.ById(KeyId), nonce: null, newAccount, accountKey.JwkUtf8);
    }

    private static byte[] Decode(string encoded)
    {
        if (encoded.Length > MaxEncodedKeyChars)
        {
            throw new AcmeCredentialException($"The external account binding's MAC key is longer than {MaxEncodedKeyChars} characters.");
        }

        var text = encoded.Trim().TrimEnd('=').Replace('+', '-').Replace('/', '_');
        try
        {
            var key = Base64Url.DecodeFromChars(text);
            return key.Length > 0
                ? key
                : throw new AcmeCredentialException("The external account binding's MAC key is empty.");
        }
        catch (FormatException)
        {
            // The original exception is left out: it may quote what it could not read.
            throw new AcmeCredentialException("The external account binding's MAC key is not base64url; copy it from the CA as it is.");
        }
    }
}
