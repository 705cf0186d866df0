using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Deployments;

/// <summary>Servers are told of a new certificate, signed, at least once, and nobody else learns their address.</summary>
public sealed class DeployWebhookTests : ClusterTest
{
    private const string Key = "a-key-of-the-receiver-0123456789";

    [Test]
    public async Task A_receiver_that_is_not_ready_is_told_again_when_it_asks_for_that_with_the_same_message()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(Key);
        receiver.Answer = (path, before, response) =>
        {
            if (path == "/good" || before > 0)
            {
                return 204;
            }

            response.Headers.RetryAfter = "2";
            return 503;
        };
        await CreateKeyAsync();
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        PolicyBuilder policy = PolicyFor("www", receiver.Url("/busy/token-1?key=token-2"), receiver.Url("/good"));
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name)).Single();
        string log = string.Join('\n', op.LogLines);

        IReadOnlyList<ReceivedWebhook> busy = [.. receiver.Received.Where(r => r.Target == "/busy/token-1?key=token-2")];
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(receiver.Received, Has.All.Property("Signed").True.And.All.Property("MethodAndType").EqualTo("POST application/json"));
        Assert.That(receiver.Received.Count(r => r.Target == "/good"), Is.EqualTo(1), "one that has taken the message is not told again");
        Assert.That(busy, Has.Count.EqualTo(2));
        Assert.That(busy[1], Is.EqualTo(busy[0]));
        Assert.That(receiver.Received.Select(r => r.Delivery).Distinct().Count(), Is.EqualTo(2), "each receiver has an identifier of its own");
        AssertTells(busy[0], policy, run);
        Assert.That(log, Does.Not.Contain("token-").And.Contain("127.0.0.1 answered 503"));
        Assert.That(string.Join(' ', run.Status.Log!.Select(l => l.Message)) + run.Status.Deploy!.Webhooks![0], Does.Not.Contain("token-"));
        Assert.That(run.Status.Deploy.Webhooks.Select(w => w.DeliveredAt), Has.All.Not.Null);
    }

    [Test]
    public async Task A_refusal_a_redirect_and_a_wrong_key_need_a_person_at_once()
    {
        await using WebhookReceiver receiver = await WebhookReceiver.StartAsync(Key);
        receiver.Answer = (path, _, response) =>
        {
            response.Headers.Location = path == "/moved" ? receiver.Url("/elsewhere") : default;
            return path == "/moved" ? 307 : 404;
        };
        await CreateKeyAsync();
        await CreateKeyAsync("wrong", "another-key-0123456789");
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(PolicyFor("refused", receiver.Url("/unknown")));
        await Cluster.CreateAsync(PolicyFor("moved", receiver.Url("/moved")));
        await Cluster.CreateAsync(PolicyFor("unsigned", receiver.Url("/signed")).With(s => s with { Deploy = new DeploySpec { Webhooks = [s.Deploy!.Webhooks![0] with { SecretName = "wrong" }] } }));

        foreach (var (name, said) in new[] { ("refused", "answered 404"), ("moved", "redirect"), ("unsigned", "answered 401") })
        {
            CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(name)).Single();
            Assert.That((run.Status!.Phase, run.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, "WebhookRefused")), name);
            Assert.That(run.Status.Message, Does.Contain(said).And.Contain("The Secret holds the new certificate."), name);
        }

        Assert.That(receiver.Received.Select(r => r.Target), Is.EquivalentTo(new[] { "/unknown", "/moved", "/signed" }));
    }

    [Test]
    public async Task A_signing_key_that_is_missing_is_asked_for_before_anything_is_ordered()
    {
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(PolicyFor("www", "http://127.0.0.1:1/"));

        CertificateRenewalPolicy policy = await Cluster.WaitForPolicyAsync("www", p => p.Is("Stalled"), "to be stalled");

        Assert.That(policy.Condition("Stalled")!.Message, Is.EqualTo($"spec.deploy.webhooks[0].secretName: Secret hook does not exist in namespace {Cluster.Namespace}. Create it with key signingKey."));
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);
    }

    private static void AssertTells(ReceivedWebhook message, PolicyBuilder policy, CertificateRenewalRun run)
    {
        CertificateSummary certificate = run.Status!.Certificate!;
        JsonNode body = JsonNode.Parse(message.Body)!;
        Assert.That(message.Event, Is.EqualTo("renewed"));
        Assert.That((string?)body["version"], Is.EqualTo("certoperator.io/deploy.v1"));
        Assert.That((string?)body["event"], Is.EqualTo("renewed"));
        Assert.That((string?)body["deliveryId"], Is.EqualTo(message.Delivery));
        Assert.That((string?)body["policy"], Is.EqualTo(policy.Name));
        Assert.That((string?)body["namespace"], Is.EqualTo(run.Metadata.Namespace));
        Assert.That((string?)body["run"], Is.EqualTo(run.Metadata.Name));
        Assert.That((string?)body["hostname"], Is.EqualTo(policy.Hostname));
        Assert.That(body["names"]!.AsArray().Select(n => (string?)n), Is.EqualTo(new[] { policy.Hostname }));
        Assert.That((string?)body["secretName"], Is.EqualTo(policy.SecretName));
        Assert.That((string?)body["fingerprint"], Is.EqualTo(certificate.Fingerprint));
        Assert.That((string?)body["serial"], Is.EqualTo(certificate.Serial));
        Assert.That((DateTimeOffset)body["notBefore"]!, Is.EqualTo(certificate.NotBefore));
        Assert.That((DateTimeOffset)body["notAfter"]!, Is.EqualTo(certificate.NotAfter));
        Assert.That(message.Body, Does.Not.Contain("KEY").And.Not.Contain(Key));
    }

    private PolicyBuilder PolicyFor(string name, params string[] urls) =>
        new PolicyBuilder(Cluster, name).With(s => s with { Deploy = new DeploySpec { Webhooks = [.. urls.Select(u => new DeployWebhookSpec { Url = u, SecretName = "hook" })] } });

    private Task CreateKeyAsync(string name = "hook", string key = Key) => Cluster.Secrets.CreateAsync(
        new Secret { Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace }, Data = new Dictionary<string, byte[]> { ["signingKey"] = Encoding.ASCII.GetBytes(key) } },
        CancellationToken.None);
}
