using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class InheritedDefaultsTests
{
    private static readonly PolicyDefaults ForShops = new()
    {
        Selector = new PolicyLabels { MatchLabels = new Dictionary<string, string> { ["team"] = "shop" } },
        Provider = CertificateProviderKind.Acme,
        RenewBefore = "20d",
        CooldownSeconds = 60,
    };

    private static readonly PolicyDefaults ForAll = new() { Provider = CertificateProviderKind.VaultPki, AllowedProviders = [CertificateProviderKind.Acme], RenewBefore = "10d", Key = new KeySpec { Algorithm = PrivateKeyAlgorithm.Rsa } };

    private static readonly CertificateRenewalSettings Settings = With(ForShops, ForAll);

    [Test]
    public void A_policy_takes_each_field_that_it_lacks_from_the_first_entry_that_fits_its_labels()
    {
        var filled = InheritedDefaults.Fill(Policy("shop", new PolicySpec { Hostname = "www.example.com", SecretName = "www-tls" }), Settings).Spec;
        Assert.That((filled.Provider, filled.RenewBefore, filled.CooldownSeconds, filled.Key?.Algorithm), Is.EqualTo(((CertificateProviderKind?)CertificateProviderKind.Acme, "20d", (int?)60, (PrivateKeyAlgorithm?)PrivateKeyAlgorithm.Rsa)));
        Assert.That(filled.AllowedProviders, Is.EqualTo(new[] { CertificateProviderKind.Acme }));
    }

    [Test]
    public void Other_labels_fit_other_entries()
    {
        var filled = InheritedDefaults.Fill(Policy("bank", new PolicySpec { Hostname = "www.example.com", SecretName = "www-tls" }), Settings).Spec;
        Assert.That((filled.Provider, filled.RenewBefore, filled.CooldownSeconds), Is.EqualTo(((CertificateProviderKind?)CertificateProviderKind.VaultPki, "10d", (int?)null)));
    }

    [Test]
    public void What_the_policy_says_counts_and_its_object_is_left_alone()
    {
        var policy = Policy("shop", A.Spec with { Provider = CertificateProviderKind.LetsEncrypt, RenewBeforePercentage = 30, CooldownSeconds = 0 });
        var filled = InheritedDefaults.Fill(policy, Settings).Spec;
        Assert.That((filled.Provider, filled.RenewBefore, filled.RenewBeforePercentage, filled.CooldownSeconds), Is.EqualTo(((CertificateProviderKind?)CertificateProviderKind.LetsEncrypt, (string?)null, (int?)30, (int?)0)));
        Assert.That(policy.Spec.Key, Is.Null);
    }

    [Test]
    public void Without_defaults_the_policy_itself_comes_back()
    {
        var policy = A.Policy();
        Assert.That(InheritedDefaults.Fill(policy, null), Is.SameAs(policy));
        Assert.That(InheritedDefaults.Fill(policy, With()), Is.SameAs(policy));
    }

    [Test]
    public void A_resolved_policy_has_what_it_inherits()
    {
        var resolved = PolicyResolver.Resolve(Policy("shop", A.Spec), With(ForShops)).Policy!;
        Assert.That((resolved.RenewBefore, resolved.Cooldown), Is.EqualTo(((TimeSpan?)TimeSpan.FromDays(20), TimeSpan.FromMinutes(1))));
        Assert.That(PolicyResolver.Resolve(Policy("bank", A.Spec), With(ForShops)).Policy!.RenewBefore, Is.Null);
    }

    [Test]
    public void What_is_wrong_with_a_default_is_told_where_it_stands_to_the_policies_that_inherit_it()
    {
        var settings = With(new PolicyDefaults { Selector = new PolicyLabels { MatchLabels = new Dictionary<string, string> { ["team"] = "bank" } }, RenewBefore = "1d" }, ForShops with { RenewBefore = "soon" });
        var problem = PolicyResolver.Resolve(Policy("shop", A.Spec), settings).Problems.Single();
        Assert.That(problem.Message, Does.StartWith("CertificateRenewalSettings default, spec.defaults[1].renewBefore: "));
        Assert.That(PolicyResolver.Resolve(Policy("bank", A.Spec), settings).Problems, Is.Empty);
        Assert.That(PolicyResolver.Resolve(Policy("shop", A.Spec with { RenewBefore = "later" }), settings).Problems.Single().Message, Does.StartWith("spec.renewBefore: "));
    }

    private static CertificateRenewalSettings With(params PolicyDefaults[] defaults) => new() { Spec = new SettingsSpec { Defaults = defaults } };

    private static CertificateRenewalPolicy Policy(string team, PolicySpec spec)
    {
        var policy = A.Policy(spec);
        policy.Metadata.Labels = new Dictionary<string, string> { ["team"] = team };
        return policy;
    }
}
