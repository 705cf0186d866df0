using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;

namespace CertOperator.EndToEnd.Harness;

/// <summary>A policy as most tests want it: a certificate from the test's Pebble, no endpoint to look at.</summary>
public sealed class PolicyBuilder
{
    private readonly CertificateRenewalPolicy _policy;

    public PolicyBuilder(TestCluster cluster, string name = "www") =>
        _policy = new CertificateRenewalPolicy
        {
            Metadata = new ObjectMeta { Name = name, Namespace = cluster.Namespace },
            Spec = new PolicySpec
            {
                Hostname = $"{name}.{cluster.Namespace}.example.com",
                Provider = CertificateProviderKind.Acme,
                ProviderConfig = new ProviderConfig { Acme = new AcmeConfig { Server = cluster.Acme.DirectoryUrl.AbsoluteUri, CaBundle = cluster.Acme.CaPem } },
                SecretName = $"{name}-tls",
                CooldownSeconds = 0,
                Verify = new VerifySpec { None = true },
            },
        };

    public string Name => _policy.Metadata.Name;

    public string Hostname => _policy.Spec.Hostname;

    public string SecretName => _policy.Spec.SecretName;

    /// <summary>Changes the spec by <c>with</c>.</summary>
    public PolicyBuilder With(Func<PolicySpec, PolicySpec> change)
    {
        _policy.Spec = change(_policy.Spec);
        return this;
    }

    /// <summary>Changes how the CA is reached.</summary>
    public PolicyBuilder WithAcme(Func<AcmeConfig, AcmeConfig> change) =>
        With(spec => spec with { ProviderConfig = new ProviderConfig { Acme = change(spec.ProviderConfig!.Acme!) } });

    public CertificateRenewalPolicy Build() => _policy;
}
