using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace CertOperator.TestSupport.Aws;

/// <summary>The Key Management Service, as its API reference (2014-11-01) has it, with what certificates need of it.</summary>
public sealed class FakeKms : IDisposable
{
    private static readonly DateTimeOffset Created = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentDictionary<string, FakeKmsKey> _keys = new();
    private readonly ConcurrentDictionary<string, FakeKmsKey> _aliases = new();

    public FakeKmsKey Create(string spec = "ECC_NIST_P256", string usage = "SIGN_VERIFY", string? alias = null)
    {
        var key = new FakeKmsKey(spec, usage);
        _keys[key.Id] = key;
        if (alias is not null)
        {
            Point(alias, key);
        }

        return key;
    }

    /// <summary>Lets an alias point to a key.</summary>
    public void Point(string alias, FakeKmsKey key) => _aliases[alias] = key;

    /// <summary>The key's material is gone, and so is everything that is known of it.</summary>
    public void Delete(FakeKmsKey key) => _keys.TryRemove(key.Id, out _);

    public void Dispose()
    {
        foreach (FakeKmsKey key in _keys.Values)
        {
            key.Dispose();
        }
    }

    internal FakeAwsAnswer Answer(FakeAwsRequest request, FakeBody body) => request.Action switch
    {
        "kms:DescribeKey" => Describe(request, body),
        "kms:GetPublicKey" => GetPublicKey(request, body),
        "kms:Sign" => Sign(request, body),
        "kms:Decrypt" => Decrypt(request, body),
        _ => throw new FakeBodyException("unknown operation"),
    };

    private FakeAwsAnswer Describe(FakeAwsRequest request, FakeBody body)
    {
        (FakeKmsKey? key, FakeAwsAnswer? refusal) = Find(request, body, body.Text("KeyId"));
        if (refusal is not null)
        {
            return refusal;
        }

        var metadata = new JsonObject
        {
            ["AWSAccountId"] = FakeAws.Account,
            ["Arn"] = key!.Arn,
            ["CreationDate"] = Created.ToUnixTimeMilliseconds() / 1000.0,
            ["CustomerMasterKeySpec"] = key.Spec,
            ["Description"] = "",
            ["Enabled"] = key.State == "Enabled",
            ["KeyId"] = key.Id,
            ["KeyManager"] = "CUSTOMER",
            ["KeySpec"] = key.Spec,
            ["KeyState"] = key.State,
            ["KeyUsage"] = key.Usage,
            ["MultiRegion"] = false,
            ["Origin"] = "AWS_KMS",
        };
        if (key.State == "PendingDeletion")
        {
            metadata["DeletionDate"] = Created.AddDays(30).ToUnixTimeSeconds();
        }

        return FakeAwsAnswer.Json(new JsonObject { ["KeyMetadata"] = metadata });
    }

    private FakeAwsAnswer GetPublicKey(FakeAwsRequest request, FakeBody body)
    {
        (FakeKmsKey? key, FakeAwsAnswer? refusal) = Find(request, body, body.Text("KeyId"));
        return refusal ?? FindStateProblem(key!) ?? (key!.IsSymmetric ? FakeAwsAnswer.Error("UnsupportedOperationException", "") : null) ?? FakeAwsAnswer.Json(new JsonObject
        {
            ["CustomerMasterKeySpec"] = key!.Spec,
            ["KeyId"] = key.Arn,
            ["KeySpec"] = key.Spec,
            ["KeyUsage"] = key.Usage,
            ["PublicKey"] = Convert.ToBase64String(key.PublicKey),
        });
    }

    private FakeAwsAnswer Sign(FakeAwsRequest request, FakeBody body)
    {
        string keyId = body.Text("KeyId");
        byte[] digest = body.Bytes("Message");
        string algorithm = body.Text("SigningAlgorithm");
        bool isDryRun = body.OptionalFlag("DryRun") ?? false;
        if (body.Text("MessageType") != "DIGEST")
        {
            throw new FakeBodyException("MessageType is not DIGEST");
        }

        (FakeKmsKey? key, FakeAwsAnswer? refusal) = Find(request, body, keyId);
        if ((refusal ?? FindStateProblem(key!)) is { } problem)
        {
            return problem;
        }

        if (key!.Usage != "SIGN_VERIFY")
        {
            return FakeAwsAnswer.Error("InvalidKeyUsageException", $"{key.Arn} key usage is {key.Usage} which is not valid for Sign.");
        }

        if (key.Sign(digest, algorithm) is not { } signature)
        {
            return FakeAwsAnswer.Error("ValidationException", $"Digest is invalid length for algorithm {algorithm}.");
        }

        return isDryRun
            ? FakeAwsAnswer.Error("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.", 412)
            : FakeAwsAnswer.Json(new JsonObject { ["KeyId"] = key.Arn, ["Signature"] = Convert.ToBase64String(signature), ["SigningAlgorithm"] = algorithm });
    }

    private FakeAwsAnswer Decrypt(FakeAwsRequest request, FakeBody body)
    {
        byte[] ciphertext = body.Bytes("CiphertextBlob");
        List<(string Key, string Value)> context = [.. (body.OptionalObject("EncryptionContext") ?? []).Select(c => (c.Key, (string)c.Value!))];
        (FakeKmsKey? key, FakeAwsAnswer? refusal) = Find(request, body, body.Text("KeyId"));
        if ((refusal ?? FindStateProblem(key!)) is { } problem)
        {
            return problem;
        }

        if (key!.Usage != "ENCRYPT_DECRYPT" || !key.IsSymmetric)
        {
            return FakeAwsAnswer.Error("InvalidKeyUsageException", $"{key.Arn} key usage is {key.Usage} which is not valid for Decrypt.");
        }

        if (ciphertext.Length < 45 || !_keys.TryGetValue(new Guid(ciphertext.AsSpan(0, 16)).ToString(), out FakeKmsKey? made))
        {
            return FakeAwsAnswer.Error("InvalidCiphertextException", "");
        }

        if (made != key)
        {
            return FakeAwsAnswer.Error("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
        }

        return key.Decrypt(ciphertext, context) is { } plain
            ? FakeAwsAnswer.Json(new JsonObject { ["EncryptionAlgorithm"] = "SYMMETRIC_DEFAULT", ["KeyId"] = key.Arn, ["Plaintext"] = Convert.ToBase64String(plain) })
            : FakeAwsAnswer.Error("InvalidCiphertextException", "");
    }

    private (FakeKmsKey? Key, FakeAwsAnswer? Refusal) Find(FakeAwsRequest request, FakeBody body, string keyId)
    {
        body.RefuseUnknown();
        string[] arn = keyId.Split(':', 6);
        string resource = arn.Length == 6 ? arn[5] : keyId.StartsWith("alias/", StringComparison.Ordinal) ? keyId : $"key/{keyId}";
        string full = $"arn:aws:kms:{FakeAws.Region}:{(arn.Length == 6 ? arn[4] : FakeAws.Account)}:{resource}";
        if (arn.Length == 6 && arn[3] != FakeAws.Region)
        {
            return (null, FakeAwsAnswer.Error("NotFoundException", $"Invalid arn {arn[3]}"));
        }

        bool isOfOther = arn.Length == 6 && arn[4] != FakeAws.Account;
        if (request.User.Denied.Contains(request.Action) || isOfOther)
        {
            return (null, FakeAwsAnswer.Error(
                "AccessDeniedException",
                $"User: {request.User.Arn} is not authorized to perform: {request.Action} on resource: {full} because no {(isOfOther ? "resource" : "identity")}-based policy allows the {request.Action} action"));
        }

        FakeKmsKey? key = resource.StartsWith("alias/", StringComparison.Ordinal) ? _aliases.GetValueOrDefault(resource["alias/".Length..]) : _keys.GetValueOrDefault(resource["key/".Length..]);
        return key is not null && _keys.ContainsKey(key.Id) ? (key, null)
            : (null, FakeAwsAnswer.Error("NotFoundException", resource.StartsWith("alias/", StringComparison.Ordinal) ? $"Alias {full} is not found." : $"Key '{full}' does not exist"));
    }

    private static FakeAwsAnswer? FindStateProblem(FakeKmsKey key) => key.State switch
    {
        "Enabled" => null,
        "Disabled" => FakeAwsAnswer.Error("DisabledException", $"{key.Arn} is disabled."),
        "PendingDeletion" => FakeAwsAnswer.Error("KMSInvalidStateException", $"{key.Arn} is pending deletion."),
        _ => FakeAwsAnswer.Error("KMSInvalidStateException", $"{key.Arn} is {key.State}."),
    };
}
