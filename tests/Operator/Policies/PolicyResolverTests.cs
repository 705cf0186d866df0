using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class PolicyResolverTests
{
    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("empty hostname", s => s with { Hostname = "" }, "spec.hostname");
        yield return Case("URL as hostname", s => s with { Hostname = "https://www.example.com/" }, "write its host alone: 'www.example.com'");
        yield return Case("IDN", s => s with { Hostname = "müller.example.com" }, "xn--mller-kva.example.com");
        yield return Case("label of 64", s => s with { Hostname = new string('a', 64) + ".example.com" }, "spec.hostname");
        yield return Case("name of 254", s => s with { Hostname = string.Join('.', Enumerable.Repeat(new string('a', 49), 5)) + ".come" }, "spec.hostname");
        yield return Case("wildcard with http-01", s => s with { Hostname = "*.example.com" }, "dns-01");
        yield return Case("wildcard among the further names", s => s with { AdditionalNames = ["*.example.com"] }, "spec.additionalNames[0]");
        yield return Case("a name twice", s => s with { AdditionalNames = ["WWW.example.com"] }, "spec.additionalNames[0]");
        yield return Case("101 names", s => s with { AdditionalNames = [.. Enumerable.Range(0, 100).Select(i => $"n{i}.example.com")] }, "101 names");
        yield return Case("IP address at Let's Encrypt", s => s with { Hostname = "192.0.2.1", Provider = CertificateProviderKind.LetsEncrypt, ProviderConfig = null }, "shortlived");
        yield return Case("no server", s => s with { ProviderConfig = null }, "spec.providerConfig.acme.server");
        yield return Case("http server", s => s with { ProviderConfig = Acme(new AcmeConfig { Server = "http://ca.example.com/" }) }, "no https URL");
        yield return Case("server with a password", s => s with { ProviderConfig = Acme(new AcmeConfig { Server = "https://u:p@ca.example.com/" }) }, "no https URL");
        yield return Case("staging of another CA", s => s with { KeyBackendConfig = new KeyBackendConfig { Endpoint = CaEndpoint.Staging } }, "spec.keyBackendConfig.endpoint");
        yield return Case("CA bundle that is none", s => s with { ProviderConfig = Acme(new AcmeConfig { Server = A.Server, CaBundle = "<html>" }) }, "spec.providerConfig.acme.caBundle");
        yield return Case("two mail addresses", s => s with { ProviderConfig = Acme(new AcmeConfig { Server = A.Server, Email = "a@example.com,b@example.com" }) }, "spec.providerConfig.acme.email");
        yield return Case("mail address of letsencrypt", s => LetsEncrypt(new ProviderConfig { Letsencrypt = new AcmeConfig { Email = "nobody" } }), "spec.providerConfig.letsencrypt.email");
        yield return Case("mail address of letsencrypt in the block of acme", s => LetsEncrypt(new ProviderConfig { Acme = new AcmeConfig { Email = "nobody" } }), "spec.providerConfig.acme.email");
        yield return Case("size of the other algorithm", s => s with { Key = new KeySpec { Algorithm = PrivateKeyAlgorithm.Ecdsa, Size = 2048 } }, "spec.key.size");
        yield return Case("negative renewBefore", s => s with { RenewBefore = "-5h" }, "negative");
        yield return Case("overflowing renewBefore", s => s with { RenewBefore = "99999999999999999999h" }, "spec.renewBefore");
        yield return Case("both ways to schedule", s => s with { RenewBefore = "10h", RenewBeforePercentage = 20 }, "Keep one of them");
        yield return Case("percentage of 100", s => s with { RenewBeforePercentage = 100 }, "between 1 and 99");
        yield return Case("Secret name in upper case", s => s with { SecretName = "WWW" }, "spec.secretName");
        yield return Case("Secret of the operator", s => s with { SecretName = "certoperator-state-other" }, "spec.secretName: names that begin with certoperator-state-");
        yield return Case("reserved label", s => s with { SecretTemplate = new SecretTemplate { Labels = new Dictionary<string, string> { ["certoperator.io/policy"] = "x" } } }, "reserved");
        yield return Case("label value of 64", s => s with { SecretTemplate = new SecretTemplate { Labels = new Dictionary<string, string> { ["a"] = new string('x', 64) } } }, "label value");
        yield return Case("Pkcs12 without password", s => s with { Outputs = [new SecretOutput { Type = SecretOutputKind.Pkcs12 }] }, "passwordSecretName");
        yield return Case("an output twice", s => s with { Outputs = [new SecretOutput { Type = SecretOutputKind.Der }, new SecretOutput { Type = SecretOutputKind.Der }] }, "spec.outputs[1]");
        yield return Case("endpoint without port", s => s with { Verify = new VerifySpec { Endpoints = ["www.example.com:99999"] } }, "spec.verify.endpoints[0]");
        yield return Case("none and required", s => s with { Verify = new VerifySpec { None = true, Required = true } }, "spec.verify.none");
        yield return Case("required of a wildcard", s => s with { Hostname = "*.example.com", Challenge = ChallengeKind.Dns01, Verify = new VerifySpec { Required = true } }, "spec.verify.required");
        yield return Case("cron that is none", s => s with { Windows = [new WindowSpec { Schedule = "0 2 * *", DurationSeconds = 3600 }] }, "spec.windows[0].schedule: '0 2 * *' has 4 fields");
        yield return Case("unknown time zone", s => s with { Windows = [new WindowSpec { Schedule = "0 2 * * *", DurationSeconds = 3600, TimeZone = "Europe/Atlantis" }] }, "spec.windows[0].timeZone: 'Europe/Atlantis' is no time zone");
        yield return Case("file as time zone", s => s with { Windows = [new WindowSpec { Schedule = "0 2 * * *", DurationSeconds = 3600, TimeZone = "../../../etc/passwd" }] }, "spec.windows[0].timeZone");
        yield return Case("window without length", s => s with { Windows = [new WindowSpec { Schedule = "0 2 * * *" }] }, "spec.windows[0].durationSeconds");
        yield return Case("none and endpoints", s => s with { Verify = new VerifySpec { None = true, Endpoints = ["www.example.com:443"] } }, "spec.verify.none");

        static TestCaseData Case(string name, Func<PolicySpec, PolicySpec> change, string expected)
            => new TestCaseData(change(A.Spec), expected).SetArgDisplayNames(name);

        static PolicySpec LetsEncrypt(ProviderConfig config) => A.Spec with { Provider = CertificateProviderKind.LetsEncrypt, ProviderConfig = config };
    }

    [Test]
    public void Where_the_settings_keep_configuration_to_themselves_a_policy_has_none()
    {
        var settings = new CertificateRenewalSettings
        {
            Spec = new SettingsSpec
            {
                PolicyConfiguration = PolicyConfiguration.Denied,
                Providers = Acme(new AcmeConfig { Server = A.Server }),
                Defaults = [new PolicyDefaults { Provider = CertificateProviderKind.Acme, KeyBackend = KeyBackendKind.Local }],
            },
        };
        string[] Refused(Func<PolicySpec, PolicySpec> change)
            => [.. PolicyResolver.Resolve(A.Policy(change(A.Spec with { ProviderConfig = null })), settings).Problems.Select(p => p.Message).Where(m => m.Contains("policyConfiguration: Denied", StringComparison.Ordinal)).Select(m => m.Split(' ')[0])];

        Assert.That(PolicyResolver.Resolve(A.Policy(A.Spec with { ProviderConfig = null, Provider = null }), settings).Problems, Is.Empty, "what the settings say is used");
        Assert.Multiple(() =>
        {
            Assert.That(Refused(s => s with { ProviderConfig = Acme(new AcmeConfig { Email = "a@example.com" }) }), Is.EqualTo(new[] { "spec.providerConfig" }));
            Assert.That(Refused(s => s with { KeyBackend = KeyBackendKind.Local }), Is.EqualTo(new[] { "spec.keyBackend" }));
            Assert.That(Refused(s => s with { KeyBackendConfig = new KeyBackendConfig { Vault = new VaultKeyConfig() } }), Is.EqualTo(new[] { "spec.keyBackendConfig" }));
            Assert.That(Refused(s => s with { KeyBackendConfig = new KeyBackendConfig { AwsKms = new AwsKmsConfig() } }), Is.EqualTo(new[] { "spec.keyBackendConfig" }));
            Assert.That(Refused(s => s with { Deploy = new DeploySpec { Targets = [new DeployTargetSpec()], Webhooks = [new DeployWebhookSpec()] } }), Is.EqualTo(new[] { "spec.deploy.targets", "spec.deploy.webhooks" }));
            Assert.That(Refused(s => s with { KeyBackendConfig = new KeyBackendConfig { Endpoint = CaEndpoint.Staging }, Deploy = new DeploySpec { Restarts = [] } }), Is.Empty);
        });
    }

    [TestCaseSource(nameof(Wrong))]
    public void Bad_input_is_named(PolicySpec spec, string expected)
    {
        var resolution = PolicyResolver.Resolve(A.Policy(spec), null);
        Assert.That(resolution.Policy, Is.Null);
        Assert.That(string.Join(" ", resolution.Problems.Select(p => p.Message)), Does.Contain(expected).And.StartWith("spec."));
        Assert.That(resolution.Problems.Select(p => p.Message), Has.All.EndWith("."));
    }

    [Test]
    public void Defaults_are_filled_in()
    {
        var policy = Resolve(new PolicySpec { Hostname = "WWW.Example.com", SecretName = "www-tls" });
        Assert.That(policy.Issuer.Server, Is.EqualTo(PolicyResolver.LetsEncrypt));
        Assert.That(policy.Names, Is.EqualTo(new[] { "www.example.com" }));
        Assert.That((policy.KeyAlgorithm, policy.KeySize, policy.Rotation, policy.HistoryLimit), Is.EqualTo((PrivateKeyAlgorithm.Ecdsa, 256, KeyRotation.Always, 10)));
        Assert.That(policy.Verification.Endpoints.Select(e => e.ToString()), Is.EqualTo(new[] { "www.example.com:443" }));
        Assert.That(policy.Acme().UseRenewalInfo, Is.True);
    }

    [Test]
    public void Endpoints_have_the_port_of_their_protocol_and_are_asked_once_each()
    {
        var mail = Resolve(A.Spec with { Verify = new VerifySpec { StartTls = StartTlsProtocol.Smtp } }).Verification;
        Assert.That(mail.Endpoints.Select(e => e.ToString()), Is.EqualTo(new[] { "www.example.com:25" }));
        Assert.That((mail.StartTls, mail.Required, mail.Timeout), Is.EqualTo(((StartTlsProtocol?)StartTlsProtocol.Smtp, false, TimeSpan.FromSeconds(60))));

        var database = Resolve(A.Spec with { Verify = new VerifySpec { StartTls = StartTlsProtocol.Postgres, Endpoints = ["DB.example.com", "db.example.com:5432", "[2001:db8::1]:6432"] } }).Verification;
        Assert.That(database.Endpoints.Select(e => e.ToString()), Is.EqualTo(new[] { "db.example.com:5432", "[2001:db8::1]:6432" }));
    }

    [Test]
    public void Staging_is_another_server_with_an_account_of_its_own()
    {
        var live = Resolve(new PolicySpec { Hostname = "www.example.com", SecretName = "a" });
        var staging = Resolve(new PolicySpec { Hostname = "www.example.com", SecretName = "a", KeyBackendConfig = new KeyBackendConfig { Endpoint = CaEndpoint.Staging } });
        Assert.That(staging.Issuer.Server, Is.EqualTo(PolicyResolver.LetsEncryptStaging));
        Assert.That(staging.Acme().AccountSecretName, Is.Not.EqualTo(live.Acme().AccountSecretName));
        Assert.That(staging.RequestHash, Is.Not.EqualTo(live.RequestHash));
    }

    [Test]
    public void Settings_fill_what_the_policy_leaves_out()
    {
        var settings = Settings(new AcmeConfig { Server = A.Server, Email = "ops@example.com", Profile = "tlsserver" });
        var issuer = Resolve(A.Spec with { ProviderConfig = Acme(new AcmeConfig { Profile = "shortlived" }) }, settings).Acme();
        Assert.That((issuer.Server.AbsoluteUri, issuer.Email, issuer.Profile), Is.EqualTo((A.Server, "ops@example.com", "shortlived")));
    }

    [Test]
    public void Credentials_of_the_settings_are_not_sent_to_a_server_that_the_policy_chose()
    {
        var settings = Settings(new AcmeConfig
        {
            Server = A.Server,
            AccountSecretName = "account",
            ExternalAccountBinding = new ExternalAccountBindingConfig { KeyId = "kid", SecretName = "eab" },
        });
        var issuer = Resolve(A.Spec with { ProviderConfig = Acme(new AcmeConfig { Server = "https://evil.example.net/dir" }) }, settings).Acme();
        Assert.That(issuer.ExternalAccount, Is.Null);
        Assert.That(issuer.AccountSecretName, Is.Not.EqualTo("account"));
    }

    private static ProviderConfig Acme(AcmeConfig acme) => new() { Acme = acme };

    private static CertificateRenewalSettings Settings(AcmeConfig acme)
        => new() { Metadata = new ObjectMeta { Name = "default", Namespace = "shop" }, Spec = new SettingsSpec { Providers = Acme(acme) } };

    private static ResolvedPolicy Resolve(PolicySpec spec, CertificateRenewalSettings? settings = null)
    {
        var resolution = PolicyResolver.Resolve(A.Policy(spec), settings);
        Assert.That(resolution.Problems, Is.Empty);
        return resolution.Policy!;
    }
}
