using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class SharedKeysTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VaultKeyConfig Key = new() { Address = "https://vault.example.com:8200", KeyName = "shared", Auth = new VaultAuthConfig { Token = new VaultTokenAuth { SecretName = "vault" } } };

    private ObjectStore<CertificateRenewalPolicy> _policies = null!;

    [SetUp]
    public void Prepare()
    {
        _policies = new ObjectStore<CertificateRenewalPolicy>();
        _policies.AddIndexer(PolicyIndexes.Key, SharedKeys.IndexOf);
    }

    [TestCase(KeyRotation.Always, KeyRotation.Always, "this one")]
    [TestCase(null, KeyRotation.Never, "that one")]
    [TestCase(KeyRotation.Never, null, "this one")]
    public void Of_two_policies_with_one_key_of_which_one_makes_versions_the_older_keeps_it(KeyRotation? first, KeyRotation? second, string whose)
    {
        var older = Add("older", 0, Key, first);
        var younger = Add("younger", 1, Key with { Address = "https://VAULT.example.com:8200/", TransitMount = "transit" }, second);

        Assert.That(SharedKeys.FindConflict(_policies, older), Is.Null);
        var conflict = SharedKeys.FindConflict(_policies, younger)!;
        Assert.That((conflict.Reason, conflict.Message), Is.EqualTo((
            "KeyConflict",
            $"spec.keyBackendConfig.vault.keyName: key shared of Transit engine transit at vault.example.com:8200 is already that of policy older, and a renewal of {whose} would make another version of it. Choose another name here, or set spec.key.rotation: Never in both policies.")));
    }

    [Test]
    public void A_key_that_neither_changes_may_be_shared()
    {
        Add("older", 0, Key, KeyRotation.Never);
        Assert.That(SharedKeys.FindConflict(_policies, Add("younger", 1, Key, KeyRotation.Never)), Is.Null);
    }

    private static IEnumerable<TestCaseData> Others()
    {
        yield return new TestCaseData(Key with { KeyName = "other" }).SetArgDisplayNames("another key");
        yield return new TestCaseData(Key with { KeyName = null }).SetArgDisplayNames("a key of its own");
        yield return new TestCaseData(Key with { TransitMount = "other" }).SetArgDisplayNames("another mount");
        yield return new TestCaseData(Key with { KvMount = "transit" }).SetArgDisplayNames("another engine");
        yield return new TestCaseData(Key with { Namespace = "team" }).SetArgDisplayNames("another namespace of Vault");
        yield return new TestCaseData(Key with { Address = "https://other.example.com" }).SetArgDisplayNames("another server");
    }

    [TestCaseSource(nameof(Others))]
    public void Another_key_is_in_nobodys_way(VaultKeyConfig other)
    {
        Add("older", 0, other, null);
        Assert.That(SharedKeys.FindConflict(_policies, Add("younger", 1, Key, null)), Is.Null);
    }

    [Test]
    public void Whoever_writes_policies_in_another_namespace_cannot_take_a_key_away()
    {
        Add("older", 0, Key, null, "elsewhere");
        Assert.That(SharedKeys.FindConflict(_policies, Add("younger", 1, Key, null)), Is.Null);
    }

    [Test]
    public void Two_policies_may_sign_with_one_key_in_KMS()
    {
        var kms = new KeyBackendConfig { AwsKms = new AwsKmsConfig { KeyId = "arn:aws:kms:eu-central-1:111122223333:alias/web", CredentialsSecretName = "aws" } };
        var spec = A.Spec with { KeyBackend = KeyBackendKind.AwsKms, KeyBackendConfig = kms };
        Assert.That(SharedKeys.IndexOf(A.Policy(spec)), Is.Empty);
    }

    private CertificateRenewalPolicy Add(string name, int age, VaultKeyConfig key, KeyRotation? rotation, string @namespace = "shop")
    {
        var policy = A.Policy(A.Spec with { SecretName = $"{name}-tls", KeyBackend = KeyBackendKind.Vault, Key = rotation is null ? null : new KeySpec { Rotation = rotation }, KeyBackendConfig = new KeyBackendConfig { Vault = key } });
        (policy.Metadata.Name, policy.Metadata.Namespace, policy.Metadata.Uid, policy.Metadata.CreationTimestamp) = (name, @namespace, $"{@namespace}-{name}", Start.AddMinutes(age));
        _policies.Observe(policy);
        return policy;
    }
}
