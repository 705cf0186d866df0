using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class GcpResolverTests
{
    private static readonly GcpCmConfig Good = new() { Project = "shop-1234", Location = "europe-west1", CredentialsSecretName = "google" };

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("no block", null, "spec.providerConfig.gcpCm.project is missing");
        yield return Case("no project", Good with { Project = null }, "gcpCm.project is missing");
        yield return Case("a project that leads elsewhere", Good with { Project = "../x" }, "gcpCm.project: \"../x\" is no project id");
        yield return Case("a location that leads elsewhere", Good with { Location = "a/../b" }, "gcpCm.location");
        yield return Case("a Secret of another namespace", Good with { CredentialsSecretName = "../x" }, "gcpCm.credentialsSecretName");
        yield return Case("http", Good with { Endpoint = "http://google.example.com" }, "gcpCm.endpoint");
        yield return Case("a path", Good with { Endpoint = "https://google.example.com/x" }, "gcpCm.endpoint");
        yield return Case("a CA bundle that is none", Good with { CaBundle = "<html>" }, "gcpCm.caBundle");
        yield return Case("the operator's token for a server of the tenant's", Good with { CredentialsSecretName = null, Endpoint = "https://evil.example.com" }, "gcpCm.endpoint: an address or trust of one's own needs credentials of one's own");

        static TestCaseData Case(string name, GcpCmConfig? config, string expected) => new TestCaseData(config, expected).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Wrong))]
    public void What_cannot_work_is_named(GcpCmConfig? config, string expected)
        => Assert.That(string.Join('\n', Resolve(config).Problems.Select(p => p.Message)), Does.Contain(expected));

    [Test]
    public void A_policy_that_says_nothing_else_gets_its_certificate_from_Google_by_DNS_and_is_due_late()
    {
        var policy = Resolve(Good).Policy!;
        Assert.That((policy.Challenge, policy.KeyStays, policy.RenewBeforePercentage), Is.EqualTo((ChallengeKind.Dns01, true, (int?)25)));
        Assert.That(policy.Issuer.Server.AbsoluteUri, Is.EqualTo("https://certificatemanager.googleapis.com/v1/projects/shop-1234/locations/europe-west1"));
        Assert.That(((ResolvedGcpIssuer)policy.Issuer).CertificateId, Does.StartWith("certoperator-shop-www-"));
    }

    [Test]
    public void Credentials_of_the_settings_stay_with_their_project()
    {
        var settings = new ProviderConfig { GcpCm = Good };
        Assert.That(((ResolvedGcpIssuer)Resolve(new GcpCmConfig { Location = "global" }, settings).Policy!.Issuer).Access, Has.Property("Project").EqualTo("shop-1234").And.Property("CredentialsSecretName").EqualTo("google"));
        Assert.That(((ResolvedGcpIssuer)Resolve(new GcpCmConfig { Project = "other-1234" }, settings).Policy!.Issuer).Access.CredentialsSecretName, Is.Null);
    }

    private static PolicyResolution Resolve(GcpCmConfig? config, ProviderConfig? inherited = null)
        => PolicyResolver.Resolve(
            A.Policy(A.Spec with { Provider = CertificateProviderKind.GcpCm, ProviderConfig = new ProviderConfig { GcpCm = config } }),
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = "default", Namespace = "shop" },
                Spec = new SettingsSpec { Providers = inherited, Solvers = [new SolverSpec { Name = "dns", Dns01 = new Dns01Spec { Cloudflare = new CloudflareSpec { SecretName = "cloudflare" } } }] },
            });
}
