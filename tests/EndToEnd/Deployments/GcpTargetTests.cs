using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Gcp;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Deployments;

/// <summary>Certificates of any CA are uploaded to Certificate Manager under one name.</summary>
public sealed class GcpTargetTests : ClusterTest, IAsyncDisposable
{
    private FakeGoogle _google = null!;

    [SetUp]
    public async Task StartGoogleAsync()
    {
        _google = await FakeGoogle.StartAsync();
        await Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = "google", Namespace = Cluster.Namespace }, Type = "Opaque", Data = new Dictionary<string, byte[]> { ["credentials.json"] = Encoding.UTF8.GetBytes(_google.KeyFile) } },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _google.DisposeAsync();
        Assert.That(_google.Violations, Is.Empty);
    }

    [Test]
    public async Task The_first_pair_is_uploaded_and_the_next_one_takes_its_place_before_webhooks_are_told()
    {
        const string Key = "a-key-of-the-receiver-0123456789";
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(Key);
        var heldWhenTold = new List<string?>();
        receiver.Answer = (_, _, _) =>
        {
            heldWhenTold.Add(Held);
            return 204;
        };
        await Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = "hook", Namespace = Cluster.Namespace }, Data = new Dictionary<string, byte[]> { ["signingKey"] = Encoding.ASCII.GetBytes(Key) } },
            CancellationToken.None);
        var policy = new PolicyBuilder(Cluster).With(s => s with
        {
            Deploy = new DeploySpec
            {
                Targets = [new DeployTargetSpec { GcpCm = new GcpCmTargetConfig { Project = FakeGoogle.Project, Location = FakeGoogle.Location, Certificate = "www", Endpoint = _google.Address.AbsoluteUri, CaBundle = _google.CaPem, CredentialsSecretName = "google" } }],
                Webhooks = [new DeployWebhookSpec { Url = receiver.Url("/told"), SecretName = "hook" }],
            },
        });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
        string first = await ChainAsync(policy);
        Assert.That(Held, Is.EqualTo(first));
        Assert.That(ready.Status!.Targets!.Single(), Has.Property("RemoteId").EqualTo($"projects/{FakeGoogle.Project}/locations/{FakeGoogle.Location}/certificates/www").And.Property("Fingerprint").EqualTo(ready.Status.Fingerprint));

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        string second = await ChainAsync(policy);
        Assert.That(runs.Select(r => r.Status!.Phase), Has.All.EqualTo(RunPhase.Succeeded));
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(Held, Is.EqualTo(second));
        Assert.That(heldWhenTold, Is.EqualTo(new[] { first, second }));
        Assert.That((_google.Count("POST", "/certificates"), _google.Count("PATCH", "/certificates/www")), Is.EqualTo((1, 1)));
    }

    private string? Held => _google.Certificates.Find("certificates/www")?["pemCertificate"]?.GetValue<string>();

    private async Task<string> ChainAsync(PolicyBuilder policy)
        => Encoding.ASCII.GetString((await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None)).Data!["tls.crt"]);
}
