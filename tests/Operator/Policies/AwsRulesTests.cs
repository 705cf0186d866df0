using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class AwsRulesTests
{
    private const string Key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("no key", null, "spec.keyBackendConfig.awsKms is missing");
        yield return Case("ARN of something else", new AwsKmsConfig { KeyId = "arn:aws:s3:::bucket" }, "spec.keyBackendConfig.awsKms.keyId: \"arn:aws:s3:::bucket\" names no key in KMS");
        yield return Case("ARN of a grant", new AwsKmsConfig { KeyId = "arn:aws:kms:eu-central-1:111122223333:grant/a" }, "names no key in KMS");
        yield return Case("path", new AwsKmsConfig { KeyId = "../keys", Region = "eu-central-1" }, "names no key in KMS");
        yield return Case("no region", new AwsKmsConfig { KeyId = "alias/web" }, "spec.keyBackendConfig.awsKms.region is missing");
        yield return Case("another region than the ARN's", new AwsKmsConfig { KeyId = Key, Region = "eu-west-1" }, "is in region eu-central-1");
        yield return Case("region that is a host", new AwsKmsConfig { KeyId = "alias/web", Region = "a.example.com/" }, "is no region");
        yield return Case("http endpoint", new AwsKmsConfig { KeyId = Key, Endpoint = "http://kms.example.com", CredentialsSecretName = "aws" }, "spec.keyBackendConfig.awsKms.endpoint");
        yield return Case("endpoint with a path", new AwsKmsConfig { KeyId = Key, Endpoint = "https://kms.example.com/a", CredentialsSecretName = "aws" }, "no https URL of a host alone");
        yield return Case("http endpoint of STS", new AwsKmsConfig { KeyId = Key, StsEndpoint = "http://sts.example.com", CredentialsSecretName = "aws" }, "spec.keyBackendConfig.awsKms.stsEndpoint");
        yield return Case("bundle that is none", new AwsKmsConfig { KeyId = Key, CaBundle = "<html>", CredentialsSecretName = "aws" }, "spec.keyBackendConfig.awsKms.caBundle");
        yield return Case("the operator's signature for a server of the tenant's", new AwsKmsConfig { KeyId = Key, Endpoint = "https://evil.example.com" }, "spec.keyBackendConfig.awsKms.endpoint: an address or trust of one's own needs credentials of one's own");
        yield return Case("Secret in upper case", new AwsKmsConfig { KeyId = Key, CredentialsSecretName = "AWS" }, "spec.keyBackendConfig.awsKms.credentialsSecretName");
        yield return Case("role that is a user", new AwsKmsConfig { KeyId = Key, RoleArn = "arn:aws:iam::111122223333:user/a" }, "spec.keyBackendConfig.awsKms.roleArn");

        static TestCaseData Case(string name, AwsKmsConfig? config, string expected) => new TestCaseData(config, expected).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_key_in_KMS_that_cannot_be_asked_for_is_explained(AwsKmsConfig? config, string expected)
    {
        var resolution = PolicyResolver.Resolve(A.Policy(Spec(config)), null);
        Assert.That(resolution.Policy, Is.Null);
        Assert.That(resolution.Problems.Select(p => (p.Reason, p.Message)), Has.One.Matches<(string Reason, string Message)>(p => p.Reason == PolicyReasons.InvalidSpec && p.Message.Contains(expected, StringComparison.Ordinal)));
    }

    [Test]
    public void A_key_in_KMS_is_kept_for_each_renewal_and_never_leaves()
    {
        var policy = PolicyResolver.Resolve(A.Policy(Spec(new AwsKmsConfig { KeyId = Key, CredentialsSecretName = "aws" })), null).Policy!;
        Assert.That((policy.KeyStays, policy.Rotation), Is.EqualTo((true, KeyRotation.Never)));
        Assert.That(policy.KeyBackend, Is.EqualTo(new ResolvedAwsKms
        {
            Field = "spec.keyBackendConfig.awsKms",
            KeyId = Key,
            Access = new ResolvedAwsAccess("spec.keyBackendConfig.awsKms", "eu-central-1", null, null, null, "aws", null),
        }));
        Assert.That(policy.KeyBackend!.Identity, Is.EqualTo(Key));
    }

    [Test]
    public void Rotation_is_a_persons_work_with_KMS()
    {
        var spec = Spec(new AwsKmsConfig { KeyId = Key }) with { Key = new KeySpec { Rotation = KeyRotation.Always } };
        Assert.That(PolicyResolver.Resolve(A.Policy(spec), null).Problems.Single().Message, Does.StartWith("spec.key.rotation").And.Contain("let the alias point to a new key"));
    }

    [Test]
    public void A_key_that_never_leaves_has_no_other_forms()
    {
        var spec = Spec(new AwsKmsConfig { KeyId = Key }) with { Outputs = [new SecretOutput { Type = SecretOutputKind.Der }] };
        Assert.That(PolicyResolver.Resolve(A.Policy(spec), null).Problems.Single().Message, Does.StartWith("spec.outputs"));
    }

    private static PolicySpec Spec(AwsKmsConfig? config) => A.Spec with { KeyBackend = KeyBackendKind.AwsKms, KeyBackendConfig = new KeyBackendConfig { AwsKms = config } };
}
