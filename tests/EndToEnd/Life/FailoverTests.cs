using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Life;

/// <summary>The next provider has its turn when the first keeps failing.</summary>
public sealed class FailoverTests : ClusterTest
{
    [Test]
    public async Task After_three_failures_the_next_provider_is_asked_and_after_its_success_the_first_one_again()
    {
        await Cluster.StartOperatorAsync();
        Cluster.Acme.Hooks.Before = request => Task.FromResult(request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Problem(403, "unauthorized", "Not today.") : null);
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with
        {
            AllowedProviders = [CertificateProviderKind.LetsEncrypt],
            ProviderConfig = s.ProviderConfig! with { Letsencrypt = new AcmeConfig { Server = Cluster.Pebble.DirectoryUrl.AbsoluteUri, CaBundle = Cluster.Pebble.CaPem } },
        });
        await Cluster.CreateAsync(policy);
        await Cluster.WaitForFinishedRunsAsync(policy.Name);
        for (int failures = 2; failures <= 3; failures++)
        {
            await Cluster.RequestRenewalAsync(policy.Name, $"failure {failures}");
            await Cluster.WaitForFinishedRunsAsync(policy.Name, failures);
        }

        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Provider == CertificateProviderKind.LetsEncrypt, "to turn to the next provider");
        await Cluster.RequestRenewalAsync(policy.Name, "elsewhere");
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);

        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.RunsOfAsync(policy.Name);
        Assert.That(runs.Select(r => (r.Spec.Provider, r.Status!.Phase)), Is.EqualTo(new (CertificateProviderKind?, RunPhase?)[]
        {
            (null, RunPhase.Failed), (null, RunPhase.Failed), (null, RunPhase.Failed), (CertificateProviderKind.LetsEncrypt, RunPhase.Succeeded),
        }));
        Assert.That(ready.Status!.Provider, Is.Null, "a success brings the first one back");
        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Assert.That(secret.Metadata.Annotations![WellKnown.SecretServer], Is.EqualTo(Cluster.Pebble.DirectoryUrl.AbsoluteUri));

        Cluster.Acme.Hooks.Clear();
        await Cluster.RequestRenewalAsync(policy.Name, "back again");
        CertificateRenewalRun last = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 5))[4];
        Assert.That((last.Spec.Provider, last.Status!.Phase), Is.EqualTo(((CertificateProviderKind?)null, (RunPhase?)RunPhase.Succeeded)));
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
    }
}
