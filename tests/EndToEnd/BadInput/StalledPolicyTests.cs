using System.Globalization;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.BadInput;

/// <summary>What a schema cannot tell: such a policy exists, is stalled and says why, and no CA hears of it.</summary>
public sealed class StalledPolicyTests : ClusterTest
{
    private static readonly (string Name, Func<PolicySpec, PolicySpec> Change, string Field, string Advice)[] BadSpecs =
    [
        ("hostname-underscore", s => s with { Hostname = "my_host.example.com" }, "spec.hostname", "use a hyphen"),
        ("hostname-url", s => s with { Hostname = "https://www.example.com/" }, "spec.hostname", "write its host alone"),
        ("hostname-port", s => s with { Hostname = "www.example.com:443" }, "spec.hostname", "without a port"),
        ("hostname-space", s => s with { Hostname = "www example.com" }, "spec.hostname", "remove it"),
        ("hostname-empty-label", s => s with { Hostname = "www..example.com" }, "spec.hostname", "exactly one dot"),
        ("hostname-long-label", s => s with { Hostname = $"{new string('a', 64)}.example.com" }, "spec.hostname", "shorten it"),
        ("hostname-idn", s => s with { Hostname = "bücher.example.com" }, "spec.hostname", "xn--bcher-kva.example.com"),
        ("hostname-wildcard", s => s with { Hostname = "*.example.com" }, "spec.hostname", "dns-01"),
        ("name-wildcard", s => s with { AdditionalNames = ["*.example.com"] }, "spec.additionalNames[0]", "dns-01"),
        ("name-twice", s => s with { AdditionalNames = ["a.example.com", "A.EXAMPLE.com"] }, "spec.additionalNames[1]", "remove one"),
        ("name-is-hostname", s => s with { AdditionalNames = [s.Hostname] }, "spec.additionalNames[0]", "remove one"),
        ("address-at-letsencrypt", s => s with { Hostname = "192.0.2.1", Provider = CertificateProviderKind.LetsEncrypt }, "spec.hostname", "shortlived"),
        ("no-server", s => s with { ProviderConfig = null }, "spec.providerConfig.acme.server", "ACME directory URL"),
        ("plain-http", s => s with { ProviderConfig = Acme(s, a => a with { Server = "http://127.0.0.1/dir" }) }, "spec.providerConfig.acme.server", "https"),
        ("no-url", s => s with { ProviderConfig = Acme(s, a => a with { Server = "acme" }) }, "spec.providerConfig.acme.server", "https URL"),
        ("bundle-garbage", s => s with { ProviderConfig = Acme(s, a => a with { CaBundle = "not a certificate" }) }, "spec.providerConfig.acme.caBundle", "PEM"),
        ("bundle-broken", s => s with { ProviderConfig = Acme(s, a => a with { CaBundle = a.CaBundle![..(a.CaBundle!.Length / 2)] }) }, "spec.providerConfig.acme.caBundle", "PEM"),
        ("bad-mail", s => s with { ProviderConfig = Acme(s, a => a with { Email = "nobody" }) }, "spec.providerConfig.acme.email", "name@example.com"),
        ("key-size", s => s with { Key = new KeySpec { Algorithm = PrivateKeyAlgorithm.Rsa, Size = 1024 } }, "spec.key.size", "2048"),
        ("secret-name", s => s with { SecretName = "My Secret" }, "spec.secretName", "lower-case"),
        ("secret-path", s => s with { SecretName = "../other" }, "spec.secretName", "lower-case"),
        ("label", s => s with { SecretTemplate = new SecretTemplate { Labels = new Dictionary<string, string> { ["a b"] = "c" } } }, "spec.secretTemplate.labels", "Write name"),
        ("reserved", s => s with { SecretTemplate = new SecretTemplate { Annotations = new Dictionary<string, string> { ["certoperator.io/run"] = "c" } } }, "spec.secretTemplate.annotations", "reserved"),
        ("both-times", s => s with { RenewBefore = "24h", RenewBeforePercentage = 10 }, "spec.renewBefore", "Keep one"),
        ("negative", s => s with { RenewBefore = "-24h" }, "spec.renewBefore", "720h"),
        ("overflow", s => s with { RenewBefore = "999999999999999h" }, "spec.renewBefore", "shorter"),
        ("no-unit", s => s with { RenewBefore = "720" }, "spec.renewBefore", "unit"),
        ("zero", s => s with { RenewBefore = "0s" }, "spec.renewBefore", "longer than zero"),
        ("endpoint", s => s with { Verify = new VerifySpec { Endpoints = ["www.example.com:99999"] } }, "spec.verify.endpoints[0]", "port"),
        ("verify-both", s => s with { Verify = new VerifySpec { None = true, Endpoints = ["www.example.com:443"] } }, "spec.verify.none", "Keep one"),
        ("password-for-der", s => s with { Outputs = [new SecretOutput { Type = SecretOutputKind.Der, PasswordSecretName = "x" }] }, "spec.outputs[0].passwordSecretName", "Remove the field"),
        ("no-password", s => s with { Outputs = [new SecretOutput { Type = SecretOutputKind.Pkcs12 }] }, "spec.outputs[0].passwordSecretName", "password"),
    ];

    private static readonly (string Name, Action<Secret> Change, string Reason, string Advice)[] ForeignSecrets =
    [
        ("opaque", s => s.Type = "Opaque", "SecretWrongType", "Delete it, or choose another name"),
        ("owned", s => s.Metadata.OwnerReferences = [new OwnerReference { ApiVersion = "apps/v1", Kind = "Deployment", Name = "web", Uid = "7a0a4d9e-0000-4000-8000-000000000001", Controller = true }], "SecretOwnedByAnother", "Deployment web"),
        ("cert-manager", s => s.Metadata.Annotations = new() { ["cert-manager.io/certificate-name"] = "web" }, "SecretOwnedByAnother", "cert-manager"),
        ("helm", s => s.Metadata.Labels = new() { ["app.kubernetes.io/managed-by"] = "Helm" }, "SecretOwnedByAnother", "Helm"),
        ("immutable", s => s.Immutable = true, "SecretImmutable", "is immutable"),
    ];

    [Test]
    public async Task A_spec_that_cannot_be_carried_out_names_the_field_and_leaves_CA_and_neighbours_alone()
    {
        await using AcmeProxy unused = await AcmeProxy.StartAsync(Cluster.Pebble);
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        await Task.WhenAll(BadSpecs.Select(c => Cluster.CreateAsync(At(unused, c.Name).With(c.Change))));
        var good = new PolicyBuilder(Cluster, "good");
        await Cluster.CreateAsync(good);

        await Cluster.WaitUntilReadyAsync(good.Name);

        using (Assert.EnterMultipleScope())
        {
            foreach (var c in BadSpecs)
            {
                await AssertStalledAsync(c.Name, "InvalidSpec", c.Field, c.Advice);
            }
        }

        Assert.That(unused.Exchanges, Is.Empty);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(op.HasExited, Is.False);
        Assert.That((await op.TerminateAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task A_Secret_that_belongs_to_somebody_else_is_not_touched()
    {
        await using AcmeProxy unused = await AcmeProxy.StartAsync(Cluster.Pebble);
        await Cluster.StartOperatorAsync();
        var before = new Dictionary<string, string?>();
        foreach (var c in ForeignSecrets)
        {
            PolicyBuilder policy = At(unused, c.Name);
            var secret = new Secret
            {
                Metadata = new ObjectMeta { Name = policy.SecretName, Namespace = Cluster.Namespace },
                Type = "kubernetes.io/tls",
                Data = new Dictionary<string, byte[]> { ["tls.crt"] = [], ["tls.key"] = [] },
            };
            c.Change(secret);
            before[policy.SecretName] = (await Cluster.Secrets.CreateAsync(secret, CancellationToken.None)).Metadata.ResourceVersion;
            await Cluster.CreateAsync(policy);
        }

        var good = new PolicyBuilder(Cluster, "good");
        await Cluster.CreateAsync(good);
        await Cluster.WaitUntilReadyAsync(good.Name);

        using (Assert.EnterMultipleScope())
        {
            foreach (var c in ForeignSecrets)
            {
                CertificateRenewalPolicy policy = await AssertStalledAsync(c.Name, c.Reason, "spec.secretName", c.Advice);
                Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.Spec.SecretName), CancellationToken.None);
                Assert.That(secret.Metadata.ResourceVersion, Is.EqualTo(before[policy.Spec.SecretName]), c.Name);
                Assert.That(await Cluster.RunsOfAsync(c.Name), Is.Empty, c.Name);
            }
        }

        Assert.That(unused.Exchanges, Is.Empty);
    }

    [Test]
    public async Task A_renewBefore_longer_than_the_lifetime_is_reported_and_the_certificate_is_renewed_by_the_default()
    {
        var policy = new PolicyBuilder(Cluster).With(s => s with { RenewBefore = "8760h" });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That(ready.Is("Stalled"));
        Assert.That(ready.Condition("Stalled")!.Message, Does.Contain("spec.renewBefore").And.Contain("remove it"));
        Assert.That(ready.Status!.RenewalSource, Is.EqualTo("LastThird"));
        Assert.That(ready.Status.RenewalTime, Is.GreaterThan(ready.Status.NotBefore!.Value.AddDays(50)));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    [Test]
    public async Task Where_the_settings_keep_configuration_to_themselves_a_policy_sends_no_Secret_to_a_server_of_its_own()
    {
        await using AcmeProxy own = await AcmeProxy.StartAsync(Cluster.Pebble);
        PolicyBuilder policy = At(own, "tenant");
        await Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = Cluster.Namespace },
                Spec = new SettingsSpec { PolicyConfiguration = PolicyConfiguration.Denied, Providers = new PolicyBuilder(Cluster).Build().Spec.ProviderConfig },
            },
            CancellationToken.None);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await AssertStalledAsync(policy.Name, "InvalidSpec", "spec.providerConfig", "policyConfiguration: Denied");

        await Cluster.Policies.PatchAsync(Cluster.Name(policy.Name), Patch.Merge("""{"spec":{"providerConfig":null}}"""), null, CancellationToken.None);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That(own.Exchanges, Is.Empty);
    }

    [Test]
    public async Task Of_two_policies_on_one_Secret_the_older_writes_it_until_it_is_deleted()
    {
        var older = new PolicyBuilder(Cluster, "a-older").With(s => s with { SecretName = "shared" });
        var younger = new PolicyBuilder(Cluster, "b-younger").With(s => s with { SecretName = "shared" });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(older);
        await Cluster.CreateAsync(younger);
        await Cluster.WaitUntilReadyAsync(older.Name);
        await AssertStalledAsync(younger.Name, "SecretConflict", "spec.secretName", "a-older");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        string table = await Cluster.ControlPlane.KubectlAsync(["get", "crp", "-n", Cluster.Namespace]);
        Assert.That(table, Does.Match(@"NAME +HOSTNAME +READY +STALLED +PHASE +EXPIRES +RENEWAL +SECRET +AGE\n"));
        Assert.That(table, Does.Match($@"a-older +{older.Hostname} +True +False +Idle +20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ +20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ +shared +"));
        Assert.That(table, Does.Match($@"b-younger +{younger.Hostname} +False +True +Idle +"));

        await Cluster.Policies.DeleteAsync(Cluster.Name(older.Name), null, CancellationToken.None);
        CertificateRenewalPolicy taken = await Cluster.WaitUntilReadyAsync(younger.Name);

        Assert.That(taken.Is("Stalled"), Is.False);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2));
        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name("shared"), CancellationToken.None);
        Assert.That(secret.Metadata.Annotations!["certoperator.io/policy-name"], Is.EqualTo(younger.Name));
    }

    [Test]
    public async Task Of_two_policies_on_one_key_in_Vault_the_younger_waits_until_it_has_another()
    {
        var config = new KeyBackendConfig { Vault = new VaultKeyConfig { Address = "https://vault.invalid", KeyName = "shared", Auth = new VaultAuthConfig { Token = new VaultTokenAuth { SecretName = "vault" } } } };
        PolicyBuilder Policy(string name) => new PolicyBuilder(Cluster, name).With(s => s with { Suspend = true, KeyBackend = KeyBackendKind.Vault, KeyBackendConfig = config });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(Policy("a-older"));
        PolicyBuilder younger = Policy("b-younger");
        await Cluster.CreateAsync(younger);
        await AssertStalledAsync(younger.Name, "KeyConflict", "spec.keyBackendConfig.vault.keyName: key shared", "policy a-older");

        await Cluster.Policies.DeleteAsync(Cluster.Name("a-older"), null, CancellationToken.None);
        await Cluster.WaitForPolicyAsync(younger.Name, p => p.Condition("Stalled") is { Status: not "True" } or { Reason: not "KeyConflict" }, "the key to be free");
    }

    [Test]
    public async Task A_password_that_is_missing_is_asked_for_and_found_when_it_is_there()
    {
        var policy = new PolicyBuilder(Cluster).With(s => s with { Outputs = [new SecretOutput { Type = SecretOutputKind.Pkcs12, PasswordSecretName = "store" }] });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await AssertStalledAsync(policy.Name, "MissingSecret", "passwordSecretName", "Create it with key password");
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);

        await Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = "store", Namespace = Cluster.Namespace }, Data = new Dictionary<string, byte[]> { ["password"] = "secret"u8.ToArray() } },
            CancellationToken.None);

        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(ready.Is("Stalled"), Is.False);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    [Test]
    public async Task Names_as_long_as_the_API_allows_them_work()
    {
        string label = new('a', 60);
        string longest = string.Join('.', label, label, label, label)[..242] + ".b";
        foreach (string name in new[] { longest.PadRight(253, 'c'), new string('d', 64), "e." + new string('e', 61) })
        {
            string hostname = string.Create(CultureInfo.InvariantCulture, $"n{name.Length}.example.com");
            await Cluster.CreateAsync(new PolicyBuilder(Cluster, name).With(s => s with { Hostname = hostname, SecretName = $"n{name.Length}" }));
        }

        await Cluster.StartOperatorAsync();

        foreach (string name in new[] { longest.PadRight(253, 'c'), new string('d', 64), "e." + new string('e', 61) })
        {
            await Cluster.WaitUntilReadyAsync(name);
            await Cluster.RequestRenewalAsync(name, "again");
            await Cluster.WaitForFinishedRunsAsync(name, 2);
        }

        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(6));
    }

    private PolicyBuilder At(AcmeProxy acme, string name) =>
        new PolicyBuilder(Cluster, name).WithAcme(a => a with { Server = acme.DirectoryUrl.AbsoluteUri, CaBundle = acme.CaPem });

    private static ProviderConfig Acme(PolicySpec spec, Func<AcmeConfig, AcmeConfig> change) => new() { Acme = change(spec.ProviderConfig!.Acme!) };

    private async Task<CertificateRenewalPolicy> AssertStalledAsync(string name, string reason, string field, string advice)
    {
        CertificateRenewalPolicy policy = await Cluster.WaitForPolicyAsync(name, p => p.Is("Stalled"), "to be stalled");
        Condition stalled = policy.Condition("Stalled")!;
        Assert.That(stalled.Reason, Is.EqualTo(reason), name);
        Assert.That(stalled.Message, Does.Contain(field).And.Contain(advice), name);
        Assert.That(policy.Is("Ready"), Is.False, name);
        Assert.That(policy.Is("Reconciling"), Is.False, name);
        Assert.That(policy.Status!.ObservedGeneration, Is.EqualTo(policy.Metadata.Generation), name);
        return policy;
    }
}
