using System.Net;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

[Category("Component")]
public sealed class ControlPlaneTests
{
    private const string Manifest = """
        apiVersion: v1
        kind: Secret
        metadata:
          name: kept
          labels: {app: web}
        stringData: {word: hello}
        """;

    [Test]
    public async Task Objects_and_address_outlive_a_kill_of_the_API_server_and_a_compaction()
    {
        await using ControlPlane controlPlane = await ControlPlane.StartAsync();
        string ns = await controlPlane.CreateNamespaceAsync();
        await controlPlane.KubectlAsync(["apply", "-n", ns, "-f", "-"], Manifest);
        await controlPlane.KubectlAsync(["apply", "-n", ns, "--server-side", "--force-conflicts", "-f", "-"], Manifest);
        Uri server = controlPlane.Server;

        await controlPlane.KillApiServerAsync();
        long revision = await controlPlane.CompactEtcdAsync();
        await controlPlane.StartApiServerAsync();

        Assert.That(revision, Is.Positive);
        Assert.That(controlPlane.Server, Is.EqualTo(server));
        Assert.That(await controlPlane.KubectlAsync(["get", "secret", "kept", "-n", ns, "-o", "jsonpath={.data.word}"]), Is.EqualTo("aGVsbG8="));
        using HttpClient client = controlPlane.CreateAdminClient();
        // The watch cache of the new process starts at now, and etcd has forgotten what was before.
        string old = await client.GetStringAsync(new Uri($"/api/v1/namespaces/{ns}/secrets?watch=1&resourceVersion=1&timeoutSeconds=5", UriKind.Relative));
        Assert.That(old, Does.Contain("\"code\":410"));
    }

    [Test]
    public async Task The_restricted_user_may_do_nothing_and_a_stranger_is_not_let_in()
    {
        await using ControlPlane controlPlane = await ControlPlane.StartAsync();
        using HttpClient client = controlPlane.CreateAdminClient();
        client.DefaultRequestHeaders.Authorization = null;

        ToolResult restricted = await ToolProcess.RunAsync("kubectl", ["--kubeconfig", controlPlane.RestrictedKubeconfigPath, "get", "secrets"], new ToolOptions { AllowFailure = true });
        using HttpResponseMessage stranger = await client.GetAsync(new Uri("/api/v1/namespaces/default/secrets", UriKind.Relative));

        Assert.That(restricted.ExitCode, Is.Not.Zero);
        Assert.That(restricted.Error, Does.Contain("Forbidden"));
        Assert.That(stranger.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }
}
