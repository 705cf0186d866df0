using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>openssl is the person who signs.</summary>
public sealed class ManualTests : ClusterTest
{
    private readonly TemporaryDirectory _directory = new();

    [TearDown]
    public void DeleteFiles() => _directory.Dispose();

    [Test]
    public async Task A_person_has_the_request_signed_and_the_certificate_alone_is_taken_over()
    {
        PolicyBuilder policy = Manual().With(s => s with { AdditionalNames = ["192.0.2.9"] });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];

        Assert.That((run.Status!.Phase, run.Status.Reason), Is.EqualTo(((RunPhase?)RunPhase.NeedsManual, "AwaitsCertificate")));
        Assert.That(run.Status.Message, Does.Contain("status.csr").And.Contain("certoperator-csr-www").And.Contain(WellKnown.ResolveWithSecret));
        Secret request = await Cluster.Secrets.GetAsync(Cluster.Name("certoperator-csr-www"), CancellationToken.None);
        Assert.That(Encoding.ASCII.GetString(request.Data!["tls.csr"]), Is.EqualTo(run.Status.Csr));
        Assert.That((request.Metadata.Labels![WellKnown.PolicyLabel], request.Metadata.OwnerReferences!.Single().Name), Is.EqualTo(("www", "www")));
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Incident?.Reason == "AwaitsCertificate", "to have an incident");
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);

        await ProvideAsync("of-another-key", await SignAsync(await NewRequestAsync(policy.Hostname), policy));
        await Cluster.AnnotateRunAsync(run, WellKnown.ResolveWithSecret, "of-another-key");
        CertificateRenewalRun refused = await WaitForAsync(run, r => r.Status?.Handled?.ResolveWithSecret == "of-another-key", "to refuse it");
        Assert.That(refused.Status!.Log![^1].Message, Does.Contain("is for another key than"));

        string certificate = await SignAsync(run.Status.Csr!, policy);
        await ProvideAsync("signed", certificate);
        await Cluster.AnnotateRunAsync(run, WellKnown.ResolveWithSecret, "signed", "bob@example.com");
        CertificateRenewalRun done = await WaitForAsync(run, r => r.Status?.Phase == RunPhase.Succeeded, "to succeed");
        await Cluster.WaitUntilReadyAsync(policy.Name);

        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Assert.That(Encoding.ASCII.GetString(secret.Data!["tls.crt"]).Trim(), Is.EqualTo(certificate.Trim()));
        using var key = ECDsa.Create();
        key.ImportFromPem(Encoding.ASCII.GetString(secret.Data["tls.key"]));
        Assert.That(done.Status!.Resolution!.RequestedBy, Is.EqualTo("bob@example.com"));
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name("certoperator-csr-www"), CancellationToken.None), Is.Null, "nobody is waited for any more");
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_policy_that_is_edited_meanwhile_keeps_the_key_and_goes_with_its_request()
    {
        PolicyBuilder policy = Manual();
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun first = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        string certificate = await SignAsync(first.Status!.Csr!, policy);

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { Criticality = Criticality.High });
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await ProvideAsync("signed", certificate);
        await Cluster.AnnotateRunAsync(runs[1], WellKnown.ResolveWithSecret, "signed");
        await WaitForAsync(runs[1], r => r.Status?.Phase == RunPhase.Succeeded, "to succeed");

        await Cluster.Policies.DeleteAsync(Cluster.Name(policy.Name), null, CancellationToken.None);
        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), left => left.Count == 0, Deadlines.Run, "the runs to go");
    }

    private PolicyBuilder Manual() => new PolicyBuilder(Cluster).With(s => s with { Provider = CertificateProviderKind.Manual, ProviderConfig = null });

    private async Task<string> NewRequestAsync(string host)
    {
        await OpensslAsync("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", _directory.File("other.key"), "-subj", $"/CN={host}", "-addext", $"subjectAltName=DNS:{host}", "-out", _directory.File("other.csr"));
        return await File.ReadAllTextAsync(_directory.File("other.csr"));
    }

    /// <summary>What a company's CA does, by hand: the names of the request are looked at and copied.</summary>
    private async Task<string> SignAsync(string request, PolicyBuilder policy)
    {
        (string csr, string ca, string key, string names) = (_directory.File("request.csr"), _directory.File("ca.crt"), _directory.File("ca.key"), _directory.File("names.cnf"));
        await File.WriteAllTextAsync(csr, request);
        string text = (await OpensslAsync("req", "-in", csr, "-noout", "-text", "-verify")).Replace("IP Address:", "IP:", StringComparison.Ordinal);
        string alternative = text.Split('\n').First(l => l.Contains($"DNS:{policy.Hostname}", StringComparison.Ordinal)).Trim();
        await File.WriteAllTextAsync(names, $"subjectAltName={alternative}\nextendedKeyUsage=serverAuth\n");
        if (!File.Exists(ca))
        {
            await OpensslAsync("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", ca, "-subj", "/CN=Company CA", "-days", "30");
        }

        return await OpensslAsync("x509", "-req", "-in", csr, "-CA", ca, "-CAkey", key, "-CAcreateserial", "-days", "10", "-extfile", names);
    }

    private static async Task<string> OpensslAsync(params string[] arguments) => (await ToolProcess.RunAsync("openssl", arguments)).Output;

    private Task ProvideAsync(string name, string certificate) => Cluster.Secrets.CreateAsync(
        new Secret { Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace }, Data = new() { ["tls.crt"] = Encoding.ASCII.GetBytes(certificate) } },
        CancellationToken.None);

    private Task<CertificateRenewalRun> WaitForAsync(CertificateRenewalRun run, Func<CertificateRenewalRun, bool> fits, string what) =>
        Eventually.GetAsync(ct => Cluster.Runs.GetAsync(Cluster.Name(run.Metadata.Name), ct), fits, Deadlines.Run, $"run {run.Metadata.Name} {what}");
}
