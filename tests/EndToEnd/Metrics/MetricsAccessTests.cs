using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Metrics;

/// <summary>Who may read the metrics is the API server's to say, of real tokens of service accounts.</summary>
public sealed class MetricsAccessTests : ClusterTest
{
    [Test]
    public async Task The_token_of_a_service_account_opens_the_metrics_when_it_has_the_right()
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync(new OperatorSettings { MetricsAuth = true });
        string scraper = await CreateAccountAsync("scraper");
        string stranger = await CreateAccountAsync("stranger");
        await Cluster.ControlPlane.ApplyAsync($$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: "{{Cluster.Namespace}}-scraper"}
            rules: [{nonResourceURLs: ["/metrics"], verbs: ["get"]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: "{{Cluster.Namespace}}-scraper"}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "{{Cluster.Namespace}}-scraper"}
            subjects: [{kind: ServiceAccount, name: scraper, namespace: "{{Cluster.Namespace}}"}]
            """);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=certoperator" } });

        // The right may reach the API server's authorizer a moment after it was granted.
        await Eventually.TrueAsync(async _ => (await AskAsync(client, op, scraper)).Status == HttpStatusCode.OK, TimeSpan.FromMinutes(1), "the scraper to be let in");

        Assert.That(await AskAsync(client, op, scraper), Is.EqualTo((HttpStatusCode.OK, true)));
        Assert.That(await AskAsync(client, op, stranger), Is.EqualTo((HttpStatusCode.Forbidden, false)));
        Assert.That(await AskAsync(client, op, stranger[..^6] + "AAAAAA"), Is.EqualTo((HttpStatusCode.Unauthorized, false)));
        Assert.That(await AskAsync(client, op, null), Is.EqualTo((HttpStatusCode.Unauthorized, false)));
        Assert.That(op.LogLines, Has.None.Contains(scraper).And.None.Contains(stranger));

        Cluster.Api.Hooks.Before = request => Task.FromResult(request.Resource == "tokenreviews" ? ProxiedAnswer.Of(500, "application/json", "{}") : null);
        string late = await CreateTokenAsync("scraper", 3600);
        Assert.That(await AskAsync(client, op, late), Is.EqualTo((HttpStatusCode.ServiceUnavailable, false)));
    }

    [Test]
    public async Task A_certificate_from_files_is_served_and_followed_when_it_is_renewed()
    {
        using var folder = new TemporaryDirectory();
        using TestAuthority authority = TestAuthority.CreateRoot(TimeProvider.System);
        string first = Write(folder, authority);
        OperatorUnderTest op = await Cluster.StartOperatorAsync(new OperatorSettings
        {
            MetricsAuth = true,
            Flags = ["--metrics-tls-cert-file", folder.File("tls.crt"), "--metrics-tls-key-file", folder.File("tls.key")],
        });

        Assert.That(await ServedAsync(authority, op), Is.EqualTo(first));
        string second = Write(folder, authority);
        await Eventually.GetAsync(_ => ServedAsync(authority, op), served => served == second, TimeSpan.FromMinutes(1), "the new certificate to be served");
    }

    private static string Write(TemporaryDirectory folder, TestAuthority authority)
    {
        using IssuedLeaf leaf = authority.Issue(new LeafRequest("localhost", "127.0.0.1"));
        File.WriteAllText(folder.File("tls.crt"), leaf.ChainPem);
        File.WriteAllText(folder.File("tls.key"), leaf.KeyPem);
        return leaf.Certificate.Thumbprint;
    }

    /// <summary>The thumbprint of what a scraper that trusts the authority is served with.</summary>
    private static async Task<string> ServedAsync(TestAuthority authority, OperatorUnderTest op)
    {
        string served = "";
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority.Certificate);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions =
            {
                CertificateChainPolicy = policy,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    served = certificate!.GetCertHashString();
                    return errors == System.Net.Security.SslPolicyErrors.None;
                },
            },
        });
        Assert.That(await AskAsync(client, op, null), Is.EqualTo((HttpStatusCode.Unauthorized, false)));
        return served;
    }

    private static async Task<(HttpStatusCode Status, bool HasMetrics)> AskAsync(HttpClient client, OperatorUnderTest op, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{op.MetricsPort}/metrics");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await client.SendAsync(request);
        return (response.StatusCode, (await response.Content.ReadAsStringAsync()).Contains("\ncertoperator_leader ", StringComparison.Ordinal));
    }

    private async Task<string> CreateAccountAsync(string name)
    {
        await Cluster.ControlPlane.KubectlAsync(["create", "serviceaccount", name, "-n", Cluster.Namespace]);
        return await CreateTokenAsync(name, 7200);
    }

    private Task<string> CreateTokenAsync(string account, int seconds) =>
        Cluster.ControlPlane.KubectlAsync(["create", "token", account, "-n", Cluster.Namespace, $"--duration={seconds}s"]);
}
