using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys.AwsKms;

/// <summary>
/// Signing keys in AWS KMS. The operator makes none and deletes none: a person creates a key, and rotates it by letting the alias point
/// to another, since KMS rotates no asymmetric key.
/// </summary>
public sealed class AwsKmsKeys(AwsKmsSettings settings, AwsKmsApi api) : IKeyBackend
{
    /// <summary>An alias may point to another key a moment later: from here on the run goes by the ARN.</summary>
    public async Task<ICertificateKey> PrepareAsync(KeyWish wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var key = await api.DescribeAsync(settings.KeyId, cancellationToken);
        AwsKmsRules.Check(key, settings, wish);
        return await OpenAsync(key.Arn, wish, cancellationToken);
    }

    public async Task<ICertificateKey?> OpenAsync(KeyReference reference, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        try
        {
            var publicKey = await api.GetPublicKeyAsync(reference.Key, cancellationToken);
            return KeyReference.Fingerprint(publicKey) == reference.PublicKeySha256 && KindOf(publicKey) is var (algorithm, size)
                ? new AwsKmsKey(api, reference.Key, algorithm, size, publicKey)
                : null;
        }
        catch (IssuanceException e) when (e.Reason == AwsKmsReasons.KeyNotFound)
        {
            return null;
        }
    }

    /// <summary>Keys are a person's to retire.</summary>
    public Task RetireBeforeAsync(KeyReference keep, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<IReadOnlyList<KeyPermission>> CheckAsync(KeyWish wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var rows = new List<KeyPermission>();
        var arn = settings.KeyId;
        await TryAsync(AwsKmsApi.DescribeKey, async () =>
        {
            var key = await api.DescribeAsync(settings.KeyId, cancellationToken);
            arn = key.Arn;
            AwsKmsRules.Check(key, settings, wish);
            return $"{AwsKmsRules.Subject(settings, arn)} is enabled and of kind {key.KeySpec}.";
        });
        await TryAsync(AwsKmsApi.GetPublicKey, async () =>
        {
            using var key = await OpenAsync(arn, wish, cancellationToken);
            return $"The public key has fingerprint {key.Reference!.PublicKeySha256}.";
        });
        await TryAsync(AwsKmsApi.Sign, async () =>
        {
            var digest = new byte[KeySignatures.HashFor(wish.Algorithm, wish.Size) == HashAlgorithmName.SHA384 ? SHA384.HashSizeInBytes : SHA256.HashSizeInBytes];
            await api.TrySignAsync(arn, digest, AwsKmsRules.SigningAlgorithmOf(wish.Algorithm, wish.Size), cancellationToken);
            return $"KMS would sign with {AwsKmsRules.SigningAlgorithmOf(wish.Algorithm, wish.Size)}.";
        });
        return rows;

        async Task TryAsync(string permission, Func<Task<string>> look)
        {
            try
            {
                rows.Add(new KeyPermission(permission, true, await look()));
            }
            catch (IssuanceException e)
            {
                rows.Add(new KeyPermission(permission, false, e.Message));
            }
        }
    }

    private async Task<AwsKmsKey> OpenAsync(string arn, KeyWish wish, CancellationToken cancellationToken)
    {
        var publicKey = await api.GetPublicKeyAsync(arn, cancellationToken);
        return KindOf(publicKey) == (wish.Algorithm, wish.Size)
            ? new AwsKmsKey(api, arn, wish.Algorithm, wish.Size, publicKey)
            : throw new IssuanceException(IssuanceFailure.NeedsManual, AwsKmsReasons.WrongKeySpec, $"{AwsKmsRules.Subject(settings, arn)} has a public key that is not {AwsKmsRules.SpecOf(wish.Algorithm, wish.Size)}, as spec.key asks. Change spec.key, or name another key in {settings.Access.Field}.keyId.");
    }

    /// <returns>Null where it is no key that certificates are made for.</returns>
    private static (KeyAlgorithm Algorithm, int Size)? KindOf(byte[] subjectPublicKeyInfo)
    {
        try
        {
            var key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            using var rsa = key.GetRSAPublicKey();
            using var ecdsa = rsa is null ? key.GetECDsaPublicKey() : null;
            return rsa is not null ? (KeyAlgorithm.Rsa, rsa.KeySize) : ecdsa is not null ? (KeyAlgorithm.Ecdsa, ecdsa.KeySize) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
