using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Tests.Builders;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Costs;

/// <summary>What holds for every question that can be asked.</summary>
public sealed class CheapestProviderPropertyTests
{
    private static readonly CertificateProviderKind[] All = Enum.GetValues<CertificateProviderKind>();

    private static readonly Gen<ProviderState> States =
        from kind in Gen.Choose(0, 7)
        select kind switch
        {
            0 => new ProviderState { Unconfigured = "A field is missing." },
            1 => new ProviderState { Wait = new IssuanceWait(A.Now, A.Now, PacingReasons.BudgetExhausted, "No room.") },
            2 => new ProviderState { Unhealthy = "It has failed." },
            3 => new ProviderState { Exportable = true },
            4 => new ProviderState { Profile = "shortlived" },
            _ => new ProviderState(),
        };

    private static readonly Gen<ProviderCost> Costs =
        from provider in Gen.Elements(All)
        from issuance in Gen.Choose(0, 3)
        from name in Gen.Choose(0, 2)
        from euro in Gen.Choose(0, 9)
        select new ProviderCost { Provider = provider, PerIssuance = $"{issuance}", PerName = $"{name}.5", Currency = euro == 0 ? "EUR" : null };

    private static readonly Gen<ProviderQuestion> Questions =
        from names in Gen.Elements("a.example.com", "b.example.com", "*.example.com", "192.0.2.1").NonEmptyListOf()
        from challenge in Gen.Elements<ChallengeKind?>(null, ChallengeKind.Http01, ChallengeKind.Dns01, ChallengeKind.None)
        from backend in Gen.Elements(Enum.GetValues<KeyBackendKind>())
        from allowed in Gen.Elements(All).NonEmptyListOf()
        from preferred in Gen.Elements(All).ListOf()
        from costs in Costs.ListOf()
        from states in States.ListOf(All.Length)
        select new ProviderQuestion
        {
            Names = [.. names.Distinct()],
            Challenge = challenge,
            KeyBackend = backend,
            Allowed = [.. allowed.Distinct()],
            Preferred = [.. preferred.Distinct()],
            Prices = PriceList.Of(new CertificateRenewalSettings { Spec = new SettingsSpec { Costs = [.. costs.DistinctBy(c => c.Provider)] } }),
            States = All.Zip(states).ToDictionary(s => s.First, s => s.Second),
        };

    [Test]
    public void One_that_cannot_is_never_chosen()
        => Check(q => CheapestProvider.Choose(q) is not { Provider: { } chosen } || (q.Allowed.Contains(chosen) && CheapestProvider.Obstacle(q, chosen) is null && CheapestProvider.PriceOf(q, chosen) is not null));

    [Test]
    public void A_dearer_one_is_never_chosen_while_a_cheaper_one_can()
        => Check(q => CheapestProvider.Choose(q) is not { Provider: { } chosen } || Viable(q).All(other => CostOf(q, other) >= CostOf(q, chosen)));

    [Test]
    public void Among_those_that_cost_the_same_the_order_of_preference_decides()
        => Check(q => CheapestProvider.Choose(q) is not { Provider: { } chosen }
            || Viable(q).Where(other => CostOf(q, other) == CostOf(q, chosen)).MinBy(other => Place(q, other)) == chosen);

    [Test]
    public void One_is_chosen_whenever_any_can_and_each_other_gets_a_reason()
        => Check(q =>
        {
            var answer = CheapestProvider.Choose(q);
            return (answer.Provider is null) == !Viable(q).Any()
                && answer.PassedOver.Count == All.Length - (answer.Provider is null ? 0 : 1)
                && answer.PassedOver.Select(p => p.Provider).Distinct().Count() == answer.PassedOver.Count
                && answer.PassedOver.All(p => p.Provider != answer.Provider && p.Reason.Length > 0 && p.Message is { Length: > 0 });
        });

    private static void Check(Func<ProviderQuestion, bool> holds)
        => Prop.ForAll(Questions.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static IEnumerable<CertificateProviderKind> Viable(ProviderQuestion question)
        => All.Where(p => CheapestProvider.Obstacle(question, p) is null && CheapestProvider.PriceOf(question, p) is not null);

    private static decimal CostOf(ProviderQuestion question, CertificateProviderKind provider) => CheapestProvider.PriceOf(question, provider)!.Of(question.Names);

    /// <summary>The place in one list of all: what is preferred, then what the policy names.</summary>
    private static int Place(ProviderQuestion question, CertificateProviderKind provider) => question.Preferred.Concat(question.Allowed).ToList().IndexOf(provider);
}
