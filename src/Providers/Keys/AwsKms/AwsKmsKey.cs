using System.Security.Cryptography;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys.AwsKms;

/// <summary>A key in KMS: it is known by its public half, and signs there.</summary>
internal sealed class AwsKmsKey(AwsKmsApi api, string arn, KeyAlgorithm algorithm, int size, byte[] subjectPublicKeyInfo) : ICertificateKey
{
    public KeyAlgorithm Algorithm => algorithm;

    public int Size => size;

    public byte[] SubjectPublicKeyInfo => subjectPublicKeyInfo;

    public KeyReference Reference { get; } = new() { Place = KeyPlaces.AwsKms, Key = arn, PublicKeySha256 = KeyReference.Fingerprint(subjectPublicKeyInfo) };

    public PrivateKeyPair? Exported => null;

    public async Task<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var digest = CryptographicOperations.HashData(KeySignatures.HashFor(algorithm, size), data.Span);
        var signature = await api.SignAsync(arn, digest, AwsKmsRules.SigningAlgorithmOf(algorithm, size), cancellationToken);
        return KeySignatures.Verify(subjectPublicKeyInfo, data.Span, signature)
            ? signature
            : throw new IssuanceException(
                IssuanceFailure.NeedsManual,
                AwsKmsReasons.SignatureMismatch,
                $"KMS key {arn} gave a signature that does not verify with the public key that KMS gave for it. No certificate was asked for with it. Find out why the two differ before the run is resumed: something between here and KMS may have been tampered with.");
    }

    public void Dispose()
    {
    }
}
