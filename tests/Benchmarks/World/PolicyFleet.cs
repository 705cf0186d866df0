using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;

namespace CertOperator.Benchmarks.World;

/// <summary>Policies as they are measured: one host each, an ACME server, no endpoint to verify.</summary>
public static class PolicyFleet
{
    private const int Parallelism = 24;

    public static CertificateRenewalPolicy Policy(string @namespace, string name, AcmeConfig? issuer)
        => new()
        {
            Metadata = new ObjectMeta { Name = name, Namespace = @namespace },
            Spec = new PolicySpec
            {
                Hostname = $"{name}.bench.example.com",
                Provider = CertificateProviderKind.Acme,
                ProviderConfig = issuer is null ? null : new ProviderConfig { Acme = issuer },
                SecretName = $"{name}-tls",
                Verify = new VerifySpec { None = true },
            },
        };

    public static AcmeConfig Issuer(BenchWorld world) => new() { Server = world.Pebble.DirectoryUrl.AbsoluteUri, CaBundle = world.Pebble.CaPem };

    /// <summary>Makes <paramref name="count"/> policies named PREFIX-NUMBER.</summary>
    public static async Task<IReadOnlyList<CertificateRenewalPolicy>> CreateAsync(
        BenchWorld world, string @namespace, string prefix, int count, AcmeConfig? issuer, CancellationToken cancellationToken)
    {
        var policies = world.Client.Resource(CrdResources.Policies);
        var created = new CertificateRenewalPolicy[count];
        await ForEachAsync(count, async i => created[i] = await policies.CreateAsync(Policy(@namespace, $"{prefix}-{i}", issuer), cancellationToken), cancellationToken);
        return created;
    }

    /// <summary>Gives a namespace its default issuer: every policy that waited for one is due at this instant.</summary>
    public static Task CreateSettingsAsync(BenchWorld world, string @namespace, CancellationToken cancellationToken)
        => world.Client.Resource(CrdResources.Settings).CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = @namespace },
                Spec = new SettingsSpec { Providers = new ProviderConfig { Acme = Issuer(world) } },
            },
            cancellationToken);

    public static Task ForEachAsync(int count, Func<int, Task> body, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (i, _) => await body(i));
}
