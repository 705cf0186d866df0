using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class VaultResolverTests
{
    private const string Address = "https://vault.example.com:8200";
    private static readonly VaultAuthConfig Token = new() { Token = new VaultTokenAuth { SecretName = "vault-token" } };
    private static readonly VaultKeyConfig Key = new() { Address = Address, Auth = Token };
    private static readonly VaultPkiConfig Pki = new() { Address = Address, Role = "web", Auth = Token };

    private static IEnumerable<TestCaseData> Wrong()
    {
        yield return Case("no block", null, "spec.keyBackendConfig.vault is missing");
        yield return Case("no address", Key with { Address = "" }, "spec.keyBackendConfig.vault.address is missing");
        yield return Case("http", Key with { Address = "http://vault.example.com" }, "vault.address: \"http://vault.example.com\" is no https URL");
        yield return Case("password in the URL", Key with { Address = "https://u:p@vault.example.com" }, "no https URL");
        yield return Case("query", Key with { Address = Address + "/?a=b" }, "no https URL");
        yield return Case("both mounts", Key with { TransitMount = "transit", KvMount = "kv" }, "both set");
        yield return Case("mount that leads elsewhere", Key with { TransitMount = "transit/../sys" }, "vault.transitMount: \"transit/../sys\"");
        yield return Case("mount with a query", Key with { KvMount = "kv?x" }, "vault.kvMount: \"kv?x\" holds ?");
        yield return Case("control character", Key with { TransitMount = "tran\nsit" }, "\"tran?sit\" holds a control character");
        yield return Case("name with a slash", Key with { KeyName = "a/b" }, "vault.keyName");
        yield return Case("path with two slashes", Key with { KvMount = "kv", KeyName = "a//b" }, "vault.keyName");
        yield return Case("namespace that leads elsewhere", Key with { Namespace = "a/.." }, "vault.namespace");
        yield return Case("CA bundle that is none", Key with { CaBundle = "<html>" }, "vault.caBundle");
        yield return Case("no way in", Key with { Auth = new VaultAuthConfig() }, "vault.auth: says of no way in");
        yield return Case("two ways in", Key with { Auth = Token with { AppRole = new VaultAppRoleAuth { RoleId = "r", SecretName = "s" } } }, "more than one way in");
        yield return Case("Secret name", Key with { Auth = new VaultAuthConfig { Token = new VaultTokenAuth { SecretName = "../x" } } }, "vault.auth.token.secretName");
        yield return Case("role of the auth method", Key with { Auth = new VaultAuthConfig { Kubernetes = new VaultKubernetesAuth { Role = "a/../b" } } }, "vault.auth.kubernetes.role");
        yield return Case("service account", Key with { Auth = new VaultAuthConfig { Kubernetes = new VaultKubernetesAuth { Role = "a", ServiceAccount = "A" } } }, "is no name for a service account");
        yield return Case("mount of the auth method", Key with { Auth = new VaultAuthConfig { AppRole = new VaultAppRoleAuth { Mount = "x/", RoleId = "a", SecretName = "s" } } }, "vault.auth.appRole.mount");

        static TestCaseData Case(string name, VaultKeyConfig? config, string expected) => new TestCaseData(config, expected).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Wrong))]
    public void What_is_wrong_with_a_key_in_Vault_is_named(VaultKeyConfig? config, string expected)
    {
        var resolution = Resolve(A.Spec with { KeyBackend = KeyBackendKind.Vault, KeyBackendConfig = config is null ? null : new KeyBackendConfig { Vault = config } });
        Assert.That(resolution.Policy, Is.Null);
        Assert.That(string.Join(" ", resolution.Problems.Select(p => p.Message)), Does.Contain(expected).And.StartWith("spec."));
    }

    [Test]
    public void A_key_has_the_policys_name_unless_it_is_given_one()
    {
        var transit = Keys(Key);
        var value = Keys(Key with { KvMount = "kv", Namespace = "/team/a/" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That((transit.Mount, transit.Name, transit.KeyStays, transit.Identity), Is.EqualTo(("transit", "shop.www", true, $"vault {Address}/v1/transit/keys/shop.www")));
            Assert.That((value.Mount, value.Name, value.KeyStays, value.Identity), Is.EqualTo(("kv", "shop/www", false, $"vault {Address}/v1/team/a/kv/data/shop/www")));
            Assert.That(Keys(Key with { KeyName = "mine" }).Name, Is.EqualTo("mine"));
        }
    }

    [Test]
    public void A_key_that_stays_in_Vault_has_no_other_form()
        => Assert.That(
            Resolve(A.Spec with { KeyBackend = KeyBackendKind.Vault, KeyBackendConfig = new KeyBackendConfig { Vault = Key }, Outputs = [new SecretOutput { Type = SecretOutputKind.Der }] }).Problems.Select(p => p.Message),
            Has.One.Contains("spec.outputs: the private key never leaves the key backend"));

    [TestCase(null, "spec.providerConfig.vaultPki.role is missing")]
    [TestCase("a/b", "spec.providerConfig.vaultPki.role: \"a/b\"")]
    public void What_is_wrong_with_a_role_is_named(string? role, string expected)
        => Assert.That(ResolvePki(Pki with { Role = role }, null).Problems.Select(p => p.Message), Has.One.Contains(expected));

    [Test]
    public void A_role_is_known_by_its_engine_and_needs_no_proof()
    {
        var policy = ResolvePki(Pki with { Mount = "pki/web", Namespace = "team", DurationSeconds = 3600 }, null).Policy!;
        var issuer = (ResolvedVaultPkiIssuer)policy.Issuer;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(issuer.Server.AbsoluteUri, Is.EqualTo($"{Address}/v1/team/pki/web"));
            Assert.That((issuer.Mount, issuer.Role, issuer.DurationSeconds, policy.Challenge), Is.EqualTo(("pki/web", "web", (int?)3600, ChallengeKind.None)));
            Assert.That(((ResolvedVaultPkiIssuer)ResolvePki(Pki, null).Policy!.Issuer).Mount, Is.EqualTo("pki"));
        }
    }

    [Test]
    public void What_the_policy_leaves_out_the_settings_say()
    {
        var issuer = (ResolvedVaultPkiIssuer)ResolvePki(new VaultPkiConfig { Role = "mine" }, Pki with { Mount = "theirs" }).Policy!.Issuer;
        Assert.That((issuer.Role, issuer.Mount, issuer.Vault.Auth), Is.EqualTo(("mine", "theirs", Token)));
        Assert.That(((ResolvedVaultPkiIssuer)ResolvePki(null, Pki).Policy!.Issuer).Role, Is.EqualTo("web"));
    }

    [Test]
    public void A_policy_that_names_another_server_inherits_no_credentials()
        => Assert.That(
            ResolvePki(new VaultPkiConfig { Address = "https://other.example.com", Role = "web" }, Pki).Problems.Select(p => p.Message),
            Has.One.Contains("spec.providerConfig.vaultPki.auth: says of no way in"));

    [Test]
    public void Another_role_asks_for_another_certificate_and_another_lifetime_does_not()
    {
        var hash = ResolvePki(Pki, null).Policy!.RequestHash;
        Assert.That(ResolvePki(Pki with { Role = "other" }, null).Policy!.RequestHash, Is.Not.EqualTo(hash));
        Assert.That(ResolvePki(Pki with { DurationSeconds = 60 }, null).Policy!.RequestHash, Is.EqualTo(hash));
    }

    private static PolicyResolution Resolve(PolicySpec spec, CertificateRenewalSettings? settings = null) => PolicyResolver.Resolve(A.Policy(spec), settings);

    private static ResolvedVaultKeys Keys(VaultKeyConfig config)
        => (ResolvedVaultKeys)Resolve(A.Spec with { KeyBackend = KeyBackendKind.Vault, KeyBackendConfig = new KeyBackendConfig { Vault = config } }).Policy!.KeyBackend!;

    private static PolicyResolution ResolvePki(VaultPkiConfig? own, VaultPkiConfig? inherited)
        => Resolve(
            A.Spec with { Provider = CertificateProviderKind.VaultPki, ProviderConfig = own is null ? null : new ProviderConfig { VaultPki = own } },
            inherited is null ? null : new CertificateRenewalSettings { Spec = new SettingsSpec { Providers = new ProviderConfig { VaultPki = inherited } } });
}
