namespace CertOperator.Acme;

/// <summary>What a JWS needs of a key: its "alg" name and a signature over bytes.</summary>
internal interface IJwsSigner
{
    string Algorithm { get; }

    int MaxSignatureBytes { get; }

    /// <summary>Signs <paramref name="input"/> into <paramref name="destination"/> and returns the signature's length.</summary>
    int Sign(ReadOnlySpan<byte> input, Span<byte> destination);
}
