using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;
using static CertOperator.Crds.Policies.CertificateProviderKind;

namespace CertOperator.Operator.Tests.Costs;

public sealed class CheapestProviderTests
{
    /// <summary>The bare name would be that of a namespace.</summary>
    private const CertificateProviderKind AnyAcme = CertificateProviderKind.Acme;

    private static readonly string[] Host = ["www.example.com"];
    private static readonly string[] Wildcard = ["*.example.com"];
    private static readonly string[] Address = ["192.0.2.1"];
    private static readonly string[] Mixed = ["www.example.com", "*.example.com", "api.example.com"];

    private static readonly ProviderState Exportable = new() { Exportable = true };
    private static readonly ProviderState Shortlived = new() { Profile = "shortlived" };
    private static readonly ProviderState Bare = new() { Unconfigured = "spec.providerConfig.acme.server is missing." };
    private static readonly ProviderState Spent = new() { Wait = new IssuanceWait(A.Now, A.Now, PacingReasons.BudgetExhausted, "The budget is used up.") };
    private static readonly ProviderState Resting = new() { Wait = new IssuanceWait(A.Now, A.Now, PacingReasons.AccountPaused, "The CA asked to wait.") };
    private static readonly ProviderState Sick = new() { Unhealthy = "Three runs in a row got nothing." };

    private static readonly ProviderCost CheapAcm = new() { Provider = AwsAcm, PerIssuance = "0.01" };
    private static readonly ProviderCost DearAcme = new() { Provider = AnyAcme, PerIssuance = "2.50" };
    private static readonly ProviderCost DearVault = new() { Provider = VaultPki, PerIssuance = "2.50" };
    private static readonly ProviderCost PerNameCa = new() { Provider = PrivateCa, PerName = "1" };
    private static readonly ProviderCost WildCa = new() { Provider = PrivateCa, PerName = "1", PerWildcard = "20" };
    private static readonly ProviderCost EuroAcme = new() { Provider = AnyAcme, PerIssuance = "3", Currency = "EUR" };

    private static readonly TestCaseData[] Cases =
    [
        // One provider, and the whole of what it can.
        Case("a host at Let's Encrypt", Ask(Host, LetsEncrypt), LetsEncrypt, "0 USD"),
        Case("a host at an ACME server", Ask(Host, AnyAcme), AnyAcme, "0 USD"),
        Case("a host at ACM", Ask(Host, AwsAcm), AwsAcm, "0 USD"),
        Case("a host at ACM with a key that may leave it", Ask(Host, AwsAcm).With(AwsAcm, Exportable), AwsAcm, "7 USD"),
        Case("a wildcard at ACM with a key that may leave it", Ask(Wildcard, AwsAcm).With(AwsAcm, Exportable), AwsAcm, "79 USD"),
        Case("two hosts and a wildcard at ACM with a key that may leave it", Ask(Mixed, AwsAcm).With(AwsAcm, Exportable), AwsAcm, "93 USD"),
        Case("a host at Google", Ask(Host, GcpCm), GcpCm, "0 USD"),
        Case("a host at Vault", Ask(Host, VaultPki), VaultPki, "0 USD"),
        Case("a host at a private CA", Ask(Host, PrivateCa), PrivateCa, "0 USD"),
        Case("a host by hand", Ask(Host, Manual), Manual, "0 USD"),

        // Wildcards and challenges.
        Case("a wildcard needs dns-01", Ask(Wildcard, LetsEncrypt), null, null, (LetsEncrypt, "WildcardNeedsDns")),
        Case("a wildcard needs dns-01 everywhere in ACME", Ask(Wildcard, LetsEncrypt, AnyAcme), null, null, (LetsEncrypt, "WildcardNeedsDns"), (AnyAcme, "WildcardNeedsDns")),
        Case("a wildcard with dns-01", Ask(Wildcard, LetsEncrypt).By(ChallengeKind.Dns01), LetsEncrypt, "0 USD"),
        Case("a wildcard among hosts", Ask(Mixed, LetsEncrypt, VaultPki), VaultPki, "0 USD", (LetsEncrypt, "WildcardNeedsDns")),
        Case("a wildcard at ACM, which proves by DNS whatever the policy says", Ask(Wildcard, AwsAcm).By(ChallengeKind.Http01), AwsAcm, "0 USD"),
        Case("a wildcard at a CA that asks for no proof", Ask(Wildcard, LetsEncrypt, PrivateCa), PrivateCa, "0 USD", (LetsEncrypt, "WildcardNeedsDns")),
        Case("no proof at all", Ask(Host, LetsEncrypt, Manual).By(ChallengeKind.None), Manual, "0 USD", (LetsEncrypt, "ChallengeNotSupported")),
        Case("no proof for a wildcard", Ask(Wildcard, AnyAcme).By(ChallengeKind.None), null, null, (AnyAcme, "WildcardNeedsDns")),

        // IP addresses.
        Case("an address at Let's Encrypt", Ask(Address, LetsEncrypt), null, null, (LetsEncrypt, "AddressNotSupported")),
        Case("an address at Let's Encrypt in its profile", Ask(Address, LetsEncrypt).With(LetsEncrypt, Shortlived), LetsEncrypt, "0 USD"),
        Case("an address at an ACME server", Ask(Address, AnyAcme), AnyAcme, "0 USD"),
        Case("an address cannot be proven by dns-01", Ask(Address, AnyAcme).By(ChallengeKind.Dns01), null, null, (AnyAcme, "AddressNotSupported")),
        Case("an address at the clouds", Ask(Address, AwsAcm, GcpCm), null, null, (AwsAcm, "AddressNotSupported"), (GcpCm, "AddressNotSupported")),
        Case("an address beside hosts", Ask(["www.example.com", "192.0.2.1"], AwsAcm, VaultPki), VaultPki, "0 USD", (AwsAcm, "AddressNotSupported")),
        Case("an IPv6 address", Ask(["2001:db8::1"], GcpCm, PrivateCa), PrivateCa, "0 USD", (GcpCm, "AddressNotSupported")),

        // Key backends.
        Case("a key in KMS at ACM", Ask(Host, AwsAcm).At(KeyBackendKind.AwsKms), null, null, (AwsAcm, "KeyBackendNotSupported")),
        Case("a key in Vault at Google", Ask(Host, GcpCm, LetsEncrypt).At(KeyBackendKind.Vault), LetsEncrypt, "0 USD", (GcpCm, "KeyBackendNotSupported")),
        Case("a key in Vault at Vault", Ask(Host, VaultPki).At(KeyBackendKind.Vault), VaultPki, "0 USD"),
        Case("a key in KMS by hand", Ask(Host, Manual).At(KeyBackendKind.AwsKms), Manual, "0 USD"),

        // How providers are.
        Case("one that is not configured", Ask(Host, AnyAcme, LetsEncrypt).With(AnyAcme, Bare), LetsEncrypt, "0 USD", (AnyAcme, "NotConfigured")),
        Case("one whose budget is used up", Ask(Host, LetsEncrypt, AnyAcme).With(LetsEncrypt, Spent), AnyAcme, "0 USD", (LetsEncrypt, "BudgetExhausted")),
        Case("one that asked to be left alone", Ask(Host, LetsEncrypt, AnyAcme).With(LetsEncrypt, Resting), AnyAcme, "0 USD", (LetsEncrypt, "AccountPaused")),
        Case("one that has failed", Ask(Host, LetsEncrypt, AnyAcme).With(LetsEncrypt, Sick), AnyAcme, "0 USD", (LetsEncrypt, "Unhealthy")),
        Case("a dear one while the cheap one has no room", Ask(Host, LetsEncrypt, AwsAcm).With(LetsEncrypt, Spent).With(AwsAcm, Exportable), AwsAcm, "7 USD", (LetsEncrypt, "BudgetExhausted")),
        Case("none at all", Ask(Host, LetsEncrypt, AnyAcme).With(LetsEncrypt, Spent).With(AnyAcme, Bare), null, null, (LetsEncrypt, "BudgetExhausted"), (AnyAcme, "NotConfigured")),
        Case("what is wrong for good comes before what passes", Ask(Wildcard, LetsEncrypt).With(LetsEncrypt, Spent), null, null, (LetsEncrypt, "WildcardNeedsDns")),

        // Costs.
        Case("the cheaper one, whatever the order", Ask(Host, AwsAcm, LetsEncrypt).With(AwsAcm, Exportable), LetsEncrypt, "0 USD", (AwsAcm, "Dearer")),
        Case("the cheaper one, whatever is preferred", Ask(Host, AwsAcm, LetsEncrypt).With(AwsAcm, Exportable).Prefer(AwsAcm), LetsEncrypt, "0 USD", (AwsAcm, "Dearer")),
        Case("the settings' price before the published one", Ask(Host, AwsAcm, AnyAcme).With(AwsAcm, Exportable).Cost(CheapAcm, DearAcme), AwsAcm, "0.01 USD", (AnyAcme, "Dearer")),
        Case("a price of the settings where none is published", Ask(Host, VaultPki, PrivateCa).Cost(DearVault), PrivateCa, "0 USD", (VaultPki, "Dearer")),
        Case("a price per name", Ask(["a.example.com", "b.example.com", "c.example.com"], AnyAcme, PrivateCa).Cost(PerNameCa, DearAcme), AnyAcme, "2.5 USD", (PrivateCa, "Dearer")),
        Case("a price per name of few", Ask(["a.example.com", "b.example.com"], AnyAcme, PrivateCa).Cost(PerNameCa, DearAcme), PrivateCa, "2 USD", (AnyAcme, "Dearer")),
        Case("a wildcard counts as a name unless it has a price of its own", Ask(Mixed, PrivateCa).Cost(PerNameCa), PrivateCa, "3 USD"),
        Case("a wildcard with a price of its own", Ask(Mixed, PrivateCa).Cost(WildCa), PrivateCa, "22 USD"),
        Case("another currency", Ask(Host, AnyAcme).Cost(EuroAcme), AnyAcme, "3 EUR"),
        Case("free in any currency", Ask(Host, AnyAcme, LetsEncrypt).Cost(EuroAcme), LetsEncrypt, "0 EUR", (AnyAcme, "Dearer")),
        Case("a price in another currency than the settings'", Ask(Host, AnyAcme, AwsAcm).With(AwsAcm, Exportable).Cost(EuroAcme), AnyAcme, "3 EUR", (AwsAcm, "PriceUnknown")),

        // Ties.
        Case("of equals the first of the policy", Ask(Host, AnyAcme, LetsEncrypt), AnyAcme, "0 USD", (LetsEncrypt, "LessPreferred")),
        Case("of equals the preferred one", Ask(Host, AnyAcme, LetsEncrypt).Prefer(LetsEncrypt), LetsEncrypt, "0 USD", (AnyAcme, "LessPreferred")),
        Case("of equals the more preferred one", Ask(Host, AnyAcme, LetsEncrypt, VaultPki).Prefer(VaultPki, LetsEncrypt), VaultPki, "0 USD", (AnyAcme, "LessPreferred"), (LetsEncrypt, "LessPreferred")),
        Case("a preference for what the policy does not allow", Ask(Host, AnyAcme, LetsEncrypt).Prefer(PrivateCa), AnyAcme, "0 USD", (PrivateCa, "NotAllowed"), (LetsEncrypt, "LessPreferred")),
        Case("a preference for what cannot", Ask(Wildcard, LetsEncrypt, VaultPki, PrivateCa).Prefer(LetsEncrypt, PrivateCa), PrivateCa, "0 USD", (LetsEncrypt, "WildcardNeedsDns"), (VaultPki, "LessPreferred")),
    ];

    [Test]
    public void There_are_enough_of_them() => Assert.That(Cases, Has.Length.AtLeast(40));

    [TestCaseSource(nameof(Cases))]
    public void The_cheapest_one_that_can_is_chosen(Question question, CertificateProviderKind? chosen, string? cost, (CertificateProviderKind Provider, string Reason)[] others)
    {
        var answer = CheapestProvider.Choose(question.Asked);

        Assert.That((answer.Provider, answer.Cost is null ? null : $"{answer.Cost.Amount} {answer.Cost.Currency}"), Is.EqualTo((chosen, cost)));
        Assert.That(answer.PassedOver.Where(p => question.Asked.Allowed.Contains(p.Provider)).Select(p => (p.Provider, p.Reason)), Is.EquivalentTo(others.Where(o => question.Asked.Allowed.Contains(o.Provider))));
        Assert.That(answer.PassedOver.Where(p => !question.Asked.Allowed.Contains(p.Provider)).Select(p => p.Reason), Is.All.EqualTo("NotAllowed"));
        Assert.That(answer.PassedOver.Select(p => p.Provider).Concat(chosen is { } one ? [one] : []), Is.EquivalentTo(Enum.GetValues<CertificateProviderKind>()), "a word on each");
        Assert.That(answer.PassedOver.Select(p => p.Message), Is.All.EndsWith("."));
    }

    [Test]
    public void Prices_of_several_currencies_are_refused_and_so_is_what_is_no_amount()
    {
        var problems = new List<string>();
        PriceList.Check(Settings(EuroAcme, CheapAcm, new ProviderCost { Provider = Manual, PerName = "1,50" }), problems.Add);
        Assert.That(problems, Has.Count.EqualTo(2));
        Assert.That(problems[0], Is.EqualTo("CertificateRenewalSettings default, spec.costs[2].perName: \"1,50\" is no amount. Write it as 0.75."));
        Assert.That(problems[1], Does.Contain("EUR and USD"));
    }

    private static CertificateRenewalSettings Settings(params ProviderCost[] costs) => new() { Spec = new SettingsSpec { Costs = costs } };

    private static Question Ask(string[] names, params CertificateProviderKind[] allowed)
        => new(new ProviderQuestion { Names = names, Challenge = null, KeyBackend = KeyBackendKind.Local, Allowed = allowed });

    private static TestCaseData Case(string name, Question question, CertificateProviderKind? chosen, string? cost, params (CertificateProviderKind, string)[] others)
        => new TestCaseData(question, chosen, cost, others).SetArgDisplayNames(name);

    /// <summary>Puts a question together.</summary>
    public sealed record Question(ProviderQuestion Asked)
    {
        public Question By(ChallengeKind challenge) => new(Asked with { Challenge = challenge });

        public Question At(KeyBackendKind backend) => new(Asked with { KeyBackend = backend });

        public Question Prefer(params CertificateProviderKind[] preferred) => new(Asked with { Preferred = preferred });

        public Question Cost(params ProviderCost[] costs) => new(Asked with { Prices = PriceList.Of(Settings(costs)) });

        public Question With(CertificateProviderKind provider, ProviderState state)
            => new(Asked with { States = new Dictionary<CertificateProviderKind, ProviderState>(Asked.States.ToDictionary()) { [provider] = state } });
    }
}
