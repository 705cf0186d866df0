using System.Globalization;
using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;

namespace CertOperator.Providers.Keys.AwsKms;

/// <summary>What a key in KMS must be like. Pure.</summary>
public static class AwsKmsRules
{
    private const string Resume = "then resume the run.";

    /// <summary>What KMS calls a kind of key.</summary>
    public static KeySpec SpecOf(KeyAlgorithm algorithm, int size) => (algorithm, size) switch
    {
        (KeyAlgorithm.Ecdsa, 256) => KeySpec.ECC_NIST_P256,
        (KeyAlgorithm.Ecdsa, 384) => KeySpec.ECC_NIST_P384,
        (KeyAlgorithm.Rsa, 2048) => KeySpec.RSA_2048,
        (KeyAlgorithm.Rsa, 3072) => KeySpec.RSA_3072,
        (KeyAlgorithm.Rsa, 4096) => KeySpec.RSA_4096,
        _ => throw new PkiException(PkiReasons.UnsupportedKey, string.Create(CultureInfo.InvariantCulture, $"A key {algorithm} of {size} bits is not supported.")),
    };

    /// <summary>What KMS calls the signature that goes with a kind of key.</summary>
    public static SigningAlgorithmSpec SigningAlgorithmOf(KeyAlgorithm algorithm, int size)
        => algorithm == KeyAlgorithm.Rsa ? SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256
            : size > 256 ? SigningAlgorithmSpec.ECDSA_SHA_384 : SigningAlgorithmSpec.ECDSA_SHA_256;

    /// <summary>Refuses a key that cannot sign for the certificate that is wanted.</summary>
    /// <param name="key">The key as KMS describes it.</param>
    /// <param name="settings">How it was asked for.</param>
    /// <param name="wish">What is wanted of it.</param>
    /// <exception cref="IssuanceException">It cannot.</exception>
    public static void Check(KeyMetadata key, AwsKmsSettings settings, KeyWish wish)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(wish);
        var (subject, id) = (Subject(settings, key.Arn), key.KeyId);
        CheckState(key, subject, id, settings.Access.Region);
        if (key.KeyUsage != KeyUsageType.SIGN_VERIFY)
        {
            throw Manual(AwsKmsReasons.WrongKeyUsage, $"{subject} is for {key.KeyUsage}, and certificates need one for SIGN_VERIFY. The usage of a key never changes: create another and name it in {settings.Access.Field}.keyId, {Resume}");
        }

        var wanted = SpecOf(wish.Algorithm, wish.Size);
        if (key.KeySpec != wanted)
        {
            throw Manual(AwsKmsReasons.WrongKeySpec, string.Create(CultureInfo.InvariantCulture, $"{subject} is of kind {key.KeySpec}, and spec.key asks for {(wish.Algorithm == KeyAlgorithm.Rsa ? "RSA" : "ECDSA")} {wish.Size}, which KMS calls {wanted}. Change spec.key, or name another key in {settings.Access.Field}.keyId."));
        }
    }

    /// <summary>The key in messages, by what the policy calls it and what it is.</summary>
    public static string Subject(AwsKmsSettings settings, string? arn)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return arn is null || arn == settings.KeyId ? $"KMS key {settings.KeyId}" : $"KMS key {arn} ({settings.KeyId})";
    }

    private static void CheckState(KeyMetadata key, string subject, string id, string region)
    {
        if (key.KeyState == KeyState.Enabled || key.KeyState == KeyState.Updating)
        {
            return;
        }

        throw key.KeyState?.Value switch
        {
            "Creating" => new IssuanceException(IssuanceFailure.Transient, AwsKmsReasons.KeyNotUsable, $"{subject} is being created."),
            "Disabled" => Manual(AwsKmsReasons.KeyNotUsable, $"{subject} is disabled. Enable it (aws kms enable-key --region {region} --key-id {id}), {Resume}"),
            "PendingDeletion" or "PendingReplicaDeletion" => Manual(
                AwsKmsReasons.KeyNotUsable,
                $"{subject} is to be deleted{(key.DeletionDate is { } date ? string.Create(CultureInfo.InvariantCulture, $" on {date:yyyy-MM-dd}") : "")}. Keep it (aws kms cancel-key-deletion --region {region} --key-id {id}, then enable-key), or name another key, {Resume}"),
            "PendingImport" => Manual(AwsKmsReasons.KeyNotUsable, $"{subject} has no key material. Import it, {Resume}"),
            var state => Manual(AwsKmsReasons.KeyNotUsable, $"{subject} is in state {state ?? "unknown"}. Bring it to Enabled, {Resume}"),
        };
    }

    private static IssuanceException Manual(string reason, string message) => new(IssuanceFailure.NeedsManual, reason, message);
}
