using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class DeployTargetResolverTests
{
    private const string Arn = "arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab";
    private const string Role = "arn:aws:iam::444455556666:role/certoperator";
    private static readonly AwsAcmTargetConfig Acm = new() { Region = "eu-central-1", CredentialsSecretName = "aws" };
    private static readonly GcpCmTargetConfig Google = new() { Project = "shop-1234", CredentialsSecretName = "google" };

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("nothing", new DeployTargetSpec(), "spec.deploy.targets[0]: name one place, in awsAcm or in gcpCm.");
        yield return Case("two places", new DeployTargetSpec { AwsAcm = Acm, GcpCm = Google }, "spec.deploy.targets[0]: name one place");
        yield return Case("no region", Of(Acm with { Region = null }), "spec.deploy.targets[0].awsAcm.region is missing");
        yield return Case("ARN of another region", Of(Acm with { Region = "eu-west-1", CertificateArn = Arn }), "is in region eu-central-1");
        yield return Case("ARN of another account than the role's", Of(Acm with { CertificateArn = Arn, RoleArn = Role }), "spec.deploy.targets[0].awsAcm.certificateArn belongs to account 111122223333, and spec.deploy.targets[0].awsAcm.roleArn to account 444455556666");
        yield return Case("ARN of something else", Of(Acm with { CertificateArn = "arn:aws:iam::111122223333:server-certificate/a" }), "is no ARN of a certificate");
        yield return Case("a Secret of another namespace", Of(Acm with { CredentialsSecretName = "../aws" }), "spec.deploy.targets[0].awsAcm.credentialsSecretName");
        yield return Case("the operator's signature for a server of the tenant's", Of(Acm with { CredentialsSecretName = null, Endpoint = "https://evil.example.com" }), "spec.deploy.targets[0].awsAcm.endpoint: an address or trust of one's own needs credentials of one's own");
        yield return Case("a project that leads elsewhere", Of(Google with { Project = "../x" }), "spec.deploy.targets[0].gcpCm.project: \"../x\" is no project id");
        yield return Case("the operator's token for a server of the tenant's", Of(Google with { CredentialsSecretName = null, Endpoint = "https://evil.example.com" }), "spec.deploy.targets[0].gcpCm.endpoint: an address or trust of one's own needs credentials of one's own");
        yield return Case("a bundle that is none", Of(Acm) with { IssuerBundle = "<html>" }, "spec.deploy.targets[0].issuerBundle:");

        static TestCaseData Case(string name, DeployTargetSpec target, string expected) => new TestCaseData(target, expected).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_target_that_cannot_work_is_named(DeployTargetSpec target, string expected)
        => Assert.That(Problems(A.Spec with { Deploy = new DeploySpec { Targets = [target] } }), Has.Some.Contains(expected));

    [Test]
    public void What_stands_there_twice_is_refused_and_another_account_is_another_place()
    {
        Assert.That(Problems(A.Spec with { Deploy = new DeploySpec { Targets = [Of(Acm), Of(Acm)] } }).Single(), Is.EqualTo("spec.deploy.targets[1]: an earlier target is the same place, aws_acm eu-central-1 aws. Remove one."));
        Assert.That(Problems(A.Spec with { Deploy = new DeploySpec { Targets = [Of(Google), Of(Google)] } }), Has.Count.EqualTo(1));
        Assert.That(Problems(A.Spec with { Deploy = new DeploySpec { Targets = [Of(Acm), Of(Acm with { CredentialsSecretName = "other" }), Of(Acm with { RoleArn = Role }), Of(Acm with { Region = "us-east-1" }), Of(Acm with { CertificateArn = Arn })] } }), Is.Empty);
    }

    [Test]
    public void Targets_are_known_by_what_stays_the_same_from_run_to_run()
    {
        var targets = A.Resolved(A.Spec with { Deploy = new DeploySpec { Targets = [Of(Acm with { CertificateArn = Arn, Region = null }), Of(Google), Of(Google with { Certificate = "www" }), Of(Acm)] } }).Deploy.Targets;
        Assert.That(targets.Select(t => (t.Field, t.RemoteId)), Is.EqualTo(new[]
        {
            ("spec.deploy.targets[0].awsAcm", Arn),
            ("spec.deploy.targets[1].gcpCm", "projects/shop-1234/locations/global/certificates/certoperator-shop-www-10f4456f"),
            ("spec.deploy.targets[2].gcpCm", "projects/shop-1234/locations/global/certificates/www"),
            ("spec.deploy.targets[3].awsAcm", null),
        }));
        Assert.That(((ResolvedAcmTarget)targets[0]).Access.Region, Is.EqualTo("eu-central-1"));
    }

    [TestCase("kms", "key backend")]
    [TestCase("acm", "provider")]
    public void A_key_that_never_leaves_cannot_be_put_anywhere(string where, string keeper)
    {
        var spec = A.Spec with { Deploy = new DeploySpec { Targets = [Of(Google)] } };
        spec = where == "kms"
            ? spec with { KeyBackend = KeyBackendKind.AwsKms, KeyBackendConfig = new KeyBackendConfig { AwsKms = new AwsKmsConfig { KeyId = "alias/web", Region = "eu-central-1" } } }
            : spec with { Provider = CertificateProviderKind.AwsAcm, ProviderConfig = new ProviderConfig { AwsAcm = new AwsAcmConfig { Region = "eu-central-1" } } };
        Assert.That(Problems(spec), Has.One.StartsWith($"spec.deploy.targets: the private key never leaves the {keeper}, so no target can get it. Remove spec.deploy.targets, or "));
    }

    private static DeployTargetSpec Of(AwsAcmTargetConfig config) => new() { AwsAcm = config };

    private static DeployTargetSpec Of(GcpCmTargetConfig config) => new() { GcpCm = config };

    private static List<string> Problems(PolicySpec spec) => [.. PolicyResolver.Resolve(A.Policy(spec), null).Problems.Select(p => p.Message)];
}
