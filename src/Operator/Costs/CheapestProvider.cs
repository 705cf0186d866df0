using System.Net;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Costs;

/// <summary>Chooses the cheapest provider that a policy allows and that can issue its certificate now. Pure.</summary>
public static class CheapestProvider
{
    private static readonly CertificateProviderKind[] All = Enum.GetValues<CertificateProviderKind>();

    public static ProviderAnswer Choose(ProviderQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var needs = Needs.Of(question.Names);
        var passedOver = new List<PassedOverProvider>(All.Length);
        var viable = new List<(CertificateProviderKind Provider, decimal Cost, int Rank)>(All.Length);
        foreach (var provider in All)
        {
            if (Obstacle(question, provider, needs) is { } obstacle)
            {
                passedOver.Add(obstacle);
            }
            else if (PriceOf(question, provider) is { } price)
            {
                viable.Add((provider, price.Of(question.Names), Rank(question, provider)));
            }
            else
            {
                passedOver.Add(Passed(provider, PassedOverReasons.PriceUnknown, $"Its price is not known in {question.Prices.Currency}. Name it in CertificateRenewalSettings default, spec.costs."));
            }
        }

        if (viable.Count == 0)
        {
            return new ProviderAnswer(null, null, passedOver);
        }

        var best = viable.OrderBy(v => v.Cost).ThenBy(v => v.Rank).First();
        var currency = question.Prices.Currency;
        foreach (var other in viable.Where(v => v.Provider != best.Provider))
        {
            passedOver.Add(other.Cost > best.Cost
                ? Passed(other.Provider, PassedOverReasons.Dearer, $"It costs {PriceList.Money(other.Cost, currency).Amount} {currency}, and {Name(best.Provider)} {PriceList.Money(best.Cost, currency).Amount}.")
                : Passed(other.Provider, PassedOverReasons.LessPreferred, $"It costs the same as {Name(best.Provider)}, which comes first."));
        }

        return new ProviderAnswer(best.Provider, PriceList.Money(best.Cost, currency), passedOver);
    }

    /// <summary>What keeps one provider from issuing the certificate, its price aside; null where nothing does.</summary>
    public static PassedOverProvider? Obstacle(ProviderQuestion question, CertificateProviderKind provider)
    {
        ArgumentNullException.ThrowIfNull(question);
        return Obstacle(question, provider, Needs.Of(question.Names));
    }

    /// <summary>In the currency of the namespace; null where no price is known in it.</summary>
    public static Price? PriceOf(ProviderQuestion question, CertificateProviderKind provider)
    {
        ArgumentNullException.ThrowIfNull(question);
        return question.Prices.Find(provider, question.States.GetValueOrDefault(provider)?.Exportable == true);
    }

    private static PassedOverProvider? Obstacle(ProviderQuestion question, CertificateProviderKind provider, Needs needs)
    {
        if (!question.Allowed.Contains(provider))
        {
            return Passed(provider, PassedOverReasons.NotAllowed, "Neither spec.provider nor spec.allowedProviders of the policy names it.");
        }

        var can = ProviderCapabilities.Of(provider);
        var state = question.States.GetValueOrDefault(provider);
        var challenge = ProviderRules.ChallengeFor(provider, question.Challenge);
        if (can.Challenges.Count > 0)
        {
            if (needs.Wildcard is { } wildcard && challenge != ChallengeKind.Dns01)
            {
                return Passed(provider, PassedOverReasons.WildcardNeedsDns, $"{wildcard} is a wildcard, for which it wants dns-01, and spec.challenge is {LabelNames<ChallengeKind>.Of(challenge)}.");
            }

            if (!can.Challenges.Contains(challenge))
            {
                return Passed(provider, PassedOverReasons.ChallengeNotSupported, $"It wants {string.Join(" or ", can.Challenges.Select(LabelNames<ChallengeKind>.Of))}, and spec.challenge is {LabelNames<ChallengeKind>.Of(challenge)}.");
            }
        }

        if (needs.Address is { } address && AddressObstacle(can, state, challenge) is { } why)
        {
            return Passed(provider, PassedOverReasons.AddressNotSupported, $"{address} is an IP address, {why}");
        }

        if (!can.KeyBackends.Contains(question.KeyBackend))
        {
            return Passed(provider, PassedOverReasons.KeyBackendNotSupported, $"It makes the key itself, and spec.keyBackend is {LabelNames<KeyBackendKind>.Of(question.KeyBackend)}.");
        }

        if (state?.Unconfigured is { } missing)
        {
            return Passed(provider, PassedOverReasons.NotConfigured, missing);
        }

        return state?.Wait is { } wait ? Passed(provider, wait.Reason, wait.Message)
            : state?.Unhealthy is { } failure ? Passed(provider, PassedOverReasons.Unhealthy, failure)
            : null;
    }

    /// <summary>RFC 8738, section 7: there is no dns-01 for addresses.</summary>
    private static string? AddressObstacle(ProviderCapabilities can, ProviderState? state, ChallengeKind challenge)
        => !can.Addresses ? "and it issues for DNS names only."
            : can.Challenges.Count > 0 && challenge == ChallengeKind.Dns01 ? "control over which cannot be proven by dns-01."
            : can.AddressProfile is { } profile && state?.Profile != profile ? $"for which it issues only in its profile {profile}."
            : null;

    private static int Rank(ProviderQuestion question, CertificateProviderKind provider)
    {
        var preferred = IndexOf(question.Preferred, provider);
        return preferred >= 0 ? preferred : question.Preferred.Count + IndexOf(question.Allowed, provider);
    }

    private static int IndexOf(IReadOnlyList<CertificateProviderKind> providers, CertificateProviderKind provider)
    {
        for (var i = 0; i < providers.Count; i++)
        {
            if (providers[i] == provider)
            {
                return i;
            }
        }

        return -1;
    }

    private static PassedOverProvider Passed(CertificateProviderKind provider, string reason, string message) => new() { Provider = provider, Reason = reason, Message = message };

    private static string Name(CertificateProviderKind provider) => LabelNames<CertificateProviderKind>.Of(provider);

    /// <summary>What the names ask of a provider: the first wildcard and the first IP address among them.</summary>
    private readonly record struct Needs(string? Wildcard, string? Address)
    {
        public static Needs Of(IReadOnlyList<string> names)
            => new(names.FirstOrDefault(n => n.StartsWith("*.", StringComparison.Ordinal)), names.FirstOrDefault(n => IPAddress.TryParse(n, out _)));
    }
}
