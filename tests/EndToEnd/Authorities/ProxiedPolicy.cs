using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>A policy whose CA nobody else uses: a proxy of its own in front of the test's Pebble.</summary>
public sealed record ProxiedPolicy(PolicyBuilder Builder, AcmeProxy Acme)
{
    public string Name => Builder.Name;

    public ProxiedPolicy With(Func<PolicySpec, PolicySpec> change)
    {
        Builder.With(change);
        return this;
    }

    public ProxiedPolicy WithAcme(Func<AcmeConfig, AcmeConfig> change)
    {
        Builder.WithAcme(change);
        return this;
    }
}
