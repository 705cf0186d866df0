using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class PrivateCaTests : ClusterTest
{
    [Test]
    public async Task A_CA_that_looks_after_itself_is_renewed_with_overlap_and_openssl_trusts_both_generations()
    {
        using var directory = new TemporaryDirectory();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(spec => spec with
        {
            Provider = CertificateProviderKind.PrivateCa,
            ProviderConfig = new ProviderConfig
            {
                PrivateCa = new PrivateCaConfig
                {
                    SecretName = "shop-ca",
                    DurationSeconds = 3600,
                    Root = new PrivateCaRootConfig { CommonName = "Shop CA", DurationSeconds = 86400, RenewAfterSeconds = 5, TrustDelaySeconds = 3, PermittedDomains = ["example.com"] },
                },
            },
        });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
        string firstPem = await CertificateAsync(policy);
        Assert.That(ready.Status!.IssuedBy, Does.Contain("Shop CA"));

        Secret authority = await Eventually.GetAsync(
            ct => Cluster.Secrets.GetAsync(Cluster.Name("shop-ca"), ct),
            s => s.Data!.ContainsKey("previous.key"),
            Deadlines.Run,
            "the second CA to sign");
        string bundle = await BundleAsync();
        await VerifyAsync(directory, bundle, firstPem, policy.Hostname);
        await Cluster.RequestRenewalAsync(policy.Name, "again");
        CertificateRenewalPolicy renewed = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.IssuedBy is { } by && by != ready.Status.IssuedBy, "to have a certificate of the second CA");

        await VerifyAsync(directory, await BundleAsync(), await CertificateAsync(policy), policy.Hostname);
        Assert.That(renewed.Status!.NotAfter, Is.LessThan(TimeProvider.System.GetUtcNow().AddHours(2)));
        Assert.That(bundle, Does.Contain(Encoding.ASCII.GetString(authority.Data!["tls.crt"])).And.Contain(Encoding.ASCII.GetString(authority.Data["previous.crt"])));
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        Assert.That(runs.SelectMany(r => r.Status!.Steps!).Where(s => s.Name is StepName.PlaceOrder or StepName.SolveChallenges).Select(s => s.State), Has.All.EqualTo(StepState.Skipped));
    }

    [Test]
    public async Task A_CA_that_may_not_issue_for_the_host_ends_the_run_with_what_to_do()
    {
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(spec => spec with
        {
            Provider = CertificateProviderKind.PrivateCa,
            ProviderConfig = new ProviderConfig
            {
                PrivateCa = new PrivateCaConfig { SecretName = "shop-ca", Root = new PrivateCaRootConfig { CommonName = "Shop CA", PermittedDomains = ["example.org"] } },
            },
        });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];

        Assert.That((run.Status!.Phase, run.Status.Reason, run.Status.CurrentStep), Is.EqualTo(((RunPhase?)RunPhase.NeedsManual, "NameRefused", (StepName?)StepName.Preflight)));
        Assert.That(run.Status.Message, Does.Contain($"{policy.Hostname} is not among the names that the CA's name constraints permit (example.org)"));
    }

    private async Task<string> CertificateAsync(PolicyBuilder policy) => Encoding.ASCII.GetString((await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None)).Data!["tls.crt"]);

    private async Task<string> BundleAsync() => (await Cluster.Resource(CoreResources.ConfigMaps).GetAsync(Cluster.Name("shop-ca-trust"), CancellationToken.None)).Data!["ca.crt"];

    private static async Task VerifyAsync(TemporaryDirectory directory, string bundle, string certificate, string host)
    {
        await File.WriteAllTextAsync(directory.File("bundle.pem"), bundle);
        await File.WriteAllTextAsync(directory.File("leaf.pem"), certificate);
        await ToolProcess.RunAsync("openssl", ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", host, "-CAfile", directory.File("bundle.pem"), directory.File("leaf.pem")]);
    }
}
