using CertOperator.Crds.Policies;
using CertOperator.Operator.Pacing;

namespace CertOperator.Operator.Costs;

/// <summary>Everything that the choice of a provider rests on.</summary>
public sealed record ProviderQuestion
{
    /// <summary>Normalised names of the certificate.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>What spec.challenge says; null where it says nothing.</summary>
    public required ChallengeKind? Challenge { get; init; }

    public required KeyBackendKind KeyBackend { get; init; }

    /// <summary>Providers that the policy allows, in its order.</summary>
    public required IReadOnlyList<CertificateProviderKind> Allowed { get; init; }

    /// <summary>The namespace's order for providers that cost the same.</summary>
    public IReadOnlyList<CertificateProviderKind> Preferred { get; init; } = [];

    public PriceList Prices { get; init; } = PriceList.Published;

    /// <summary>What is known of providers at this time; one that is not in it is well.</summary>
    public IReadOnlyDictionary<CertificateProviderKind, ProviderState> States { get; init; } = new Dictionary<CertificateProviderKind, ProviderState>();
}

/// <summary>What is known of a provider, seen from one policy.</summary>
public sealed record ProviderState
{
    /// <summary>What is missing or wrong in its settings; null where nothing is.</summary>
    public string? Unconfigured { get; init; }

    /// <summary>Why it must not be asked yet; null where it may.</summary>
    public IssuanceWait? Wait { get; init; }

    /// <summary>How it has failed lately; null where it has not.</summary>
    public string? Unhealthy { get; init; }

    /// <summary>The certificate profile that is asked for; null for the provider's own choice.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether the key may leave a provider that makes it.</summary>
    public bool Exportable { get; init; }
}
