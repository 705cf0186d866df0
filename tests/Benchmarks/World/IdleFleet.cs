using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Rules;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Secrets;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Certificates;

namespace CertOperator.Benchmarks.World;

/// <summary>
/// Policies that have been renewed long ago: status and Secret are what the operator itself would have written, so that it finds
/// nothing to do. Written directly, since ten thousand issuances would take minutes.
/// </summary>
public static class IdleFleet
{
    public static async Task CreateAsync(BenchWorld world, string @namespace, int count, CancellationToken cancellationToken, Func<PolicySpec, PolicySpec>? change = null)
    {
        ArgumentNullException.ThrowIfNull(world);
        var policies = world.Client.Resource(CrdResources.Policies);
        var secrets = world.Client.Resource(CoreResources.Secrets);
        var issuer = PolicyFleet.Issuer(world);
        using var root = TestAuthority.CreateRoot(TimeProvider.System);
        var intermediate = root.CreateIntermediate();

        // One key for all: making ten thousand is slow, and nobody compares them.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keyPem = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");
        await PolicyFleet.ForEachAsync(
            count,
            async i =>
            {
                var wanted = PolicyFleet.Policy(@namespace, $"idle-{i}", issuer);
                wanted.Spec = change?.Invoke(wanted.Spec) ?? wanted.Spec;
                var policy = await policies.CreateAsync(wanted, cancellationToken);

                // Not disposed as a whole: the key is shared.
                var leaf = intermediate.Issue(new LeafRequest(policy.Spec.Hostname) { Key = key });
                using var certificate = leaf.Certificate;
                await secrets.CreateAsync(Secret(policy, leaf, keyPem), cancellationToken);
                await policies.UpdateStatusAsync(new CertificateRenewalPolicy { Metadata = policy.Metadata, Spec = policy.Spec, Status = Status(policy, leaf) }, cancellationToken);
            },
            cancellationToken);
    }

    private static Secret Secret(CertificateRenewalPolicy policy, IssuedLeaf leaf, byte[] keyPem)
        => new()
        {
            Metadata = new ObjectMeta
            {
                Name = policy.Spec.SecretName,
                Namespace = policy.Metadata.Namespace,
                Labels = new Dictionary<string, string> { [WellKnown.ManagedByLabel] = WellKnown.ManagedByValue },
                Annotations = new Dictionary<string, string>
                {
                    [WellKnown.SecretPolicy] = policy.Metadata.Name,
                    [WellKnown.SecretPolicyUid] = policy.Metadata.Uid!,
                    [WellKnown.SecretServer] = policy.Spec.ProviderConfig!.Acme!.Server!,
                },
            },
            Type = WellKnown.TlsSecretType,
            Data = new Dictionary<string, byte[]>
            {
                [WellKnown.TlsCertificateKey] = Encoding.ASCII.GetBytes(leaf.ChainPem),
                [WellKnown.TlsPrivateKeyKey] = keyPem,
            },
        };

    private static PolicyStatus Status(CertificateRenewalPolicy policy, IssuedLeaf leaf)
    {
        var now = TimeProvider.System.GetUtcNow();
        var certificate = CertificateSummaries.From(CertificateFacts.From(leaf.Certificate));
        var finished = new CertificateRenewalRun
        {
            Metadata = new ObjectMeta { Name = $"{policy.Metadata.Name}-0123456789" },
            Status = new RunStatus { Phase = RunPhase.Succeeded, FinishedAt = now.AddDays(-2), PolicyGeneration = policy.Metadata.Generation, Certificate = certificate },
        };
        var status = PolicyStatusBuilder.WithCertificate(PolicyAccounting.Account(new PolicyStatus(), finished, policy, null, now), certificate) with { RecentIssuances = null };
        var schedule = RenewalSchedule.Compute(new RenewalInputs { NotBefore = certificate.NotBefore, NotAfter = certificate.NotAfter, JitterSeed = policy.Metadata.Uid! });
        var observation = new PolicyObservation
        {
            Policy = policy,
            Resolution = PolicyResolver.Resolve(policy, null),
            Runs = [],
            OlderWriter = null,
            Secret = null,
            MissingReference = null,
        };
        return PolicyStatusBuilder.Build(observation, PolicyStatusBuilder.WithSchedule(status, schedule), new PolicyDecision.Wait(), schedule, now);
    }
}
