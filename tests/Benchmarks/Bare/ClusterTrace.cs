using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;

namespace CertOperator.Benchmarks.Bare;

/// <summary>The API writes of the bare loop: as many, of the same kinds and about the same size as the operator's.</summary>
public sealed class ClusterTrace
{
    private readonly Dictionary<string, CertificateRenewalPolicy> _policies;
    private readonly CertificateRenewalSettings _settings;

    private ClusterTrace(IKubernetesClient client, Dictionary<string, CertificateRenewalPolicy> policies, CertificateRenewalSettings settings)
    {
        Client = client;
        _policies = policies;
        _settings = settings;
    }

    public IKubernetesClient Client { get; }

    public static async Task<ClusterTrace> StartAsync(IKubernetesClient client, BareSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(settings);
        var policies = new Dictionary<string, CertificateRenewalPolicy>(StringComparer.Ordinal);
        await foreach (var policy in client.Resource(CrdResources.Policies).ListAsync(new ListOptions { Namespace = settings.Namespace }, cancellationToken))
        {
            policies[policy.Metadata.Name] = policy;
        }

        return new ClusterTrace(
            client,
            policies,
            new CertificateRenewalSettings
            {
                Spec = new SettingsSpec { Providers = new ProviderConfig { Acme = new AcmeConfig { Server = settings.Directory, CaBundle = settings.CaPem } } },
            });
    }

    /// <summary>Writes 1 and 2: the run, and the Secret with the staged key.</summary>
    public Task<CertificateTrace> BeginAsync(string policy, Providers.Pki.PrivateKeyPair key, CancellationToken cancellationToken)
        => CertificateTrace.BeginAsync(Client, _policies[policy], PolicyResolver.Resolve(_policies[policy], _settings).Policy!, key, cancellationToken);
}
