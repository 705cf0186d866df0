namespace CertOperator.Acme;

/// <summary>How a JWS names its key: "kid", the account URL, or the whole public key as "jwk" (RFC 8555 section 6.2).</summary>
internal readonly record struct JwsKeyReference
{
    private JwsKeyReference(string? keyId, AccountKey? key)
    {
        KeyId = keyId;
        Key = key;
    }

    public string? KeyId { get; }

    public AccountKey? Key { get; }

    public static JwsKeyReference ById(string keyId) => new(keyId, null);

    public static JwsKeyReference ByJwk(AccountKey key) => new(null, key);
}
