using System.Text;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Inventory;

/// <summary>Certificates that no policy manages, on the real API server, with and without the right to list Secrets.</summary>
public sealed class InventoryTests : ClusterTest
{
    private const string NotAfter = "certoperator_unmanaged_certificate_not_after_timestamp_seconds";

    private readonly TestAuthority _authority = TestAuthority.CreateRoot(TimeProvider.System);

    [TearDown]
    public void Dispose() => _authority.Dispose();

    [Test]
    public async Task Without_the_opt_in_no_Secret_is_ever_listed()
    {
        await CreateAsync("old-tls");
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That(Cluster.Api.Exchanges.Where(e => e.Verb == "list" && e.Resource == "secrets"), Is.Empty);
        Assert.That(Cluster.Api.Exchanges.Where(e => e.Name == "old-tls"), Is.Empty);
        Assert.That(await op.MetricsAsync(), Does.Not.Contain("certoperator_unmanaged").And.Not.Contain("certoperator_inventory"));
    }

    [Test]
    public async Task Without_the_right_it_says_so_and_renewals_go_on()
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync(new OperatorSettings { Flags = ["--inventory"] });
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);

        await Eventually.TrueAsync(async _ => await op.MetricsAsync() is var m && m.Contains("\ncertoperator_inventory_errors_total ", StringComparison.Ordinal) && !m.Contains("\ncertoperator_inventory_errors_total 0\n", StringComparison.Ordinal), Deadlines.Api, "the refusal to be counted");
        Assert.That(op.LogLines, Has.Some.Contains("Grant the operator list on secrets there"));
    }

    [Test]
    public async Task With_the_charts_opt_in_what_no_policy_manages_is_known_and_followed()
    {
        await using ApiProxy api = await ApiProxy.StartAsync(Cluster.ControlPlane, await InstallAsync());
        var secrets = new SecretTraffic();
        api.Hooks.After = secrets.Note;
        await CreateAsync("old-tls", days: 3);
        await CreateAsync("changed-tls", days: 3);
        await CreateAsync("gone-tls", days: 3);
        await CreateAsync("wiki-tls", days: 3, annotation: "cert-manager.io/certificate-name");
        await CreateAsync("junk-tls", certificate: "no certificate");
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        OperatorUnderTest op = await Cluster.StartOperatorAsync(new OperatorSettings { Kubeconfig = api.KubeconfigPath, Flags = ["--inventory", "--inventory-interval=10s"] });
        await Cluster.WaitUntilReadyAsync(policy.Name);

        string first = await WaitForAsync(op, m => Samples(m, NotAfter).Count == 4 && m.Contains("certoperator_inventory_secrets{state=\"managed\"} 1\n", StringComparison.Ordinal));
        IReadOnlyList<string> read = secrets.Read;
        Assert.Multiple(() =>
        {
            Assert.That(Samples(first, NotAfter), Is.EqualTo(new[] { Series("changed-tls"), Series("gone-tls"), Series("old-tls"), Series("wiki-tls", "cert-manager") }));
            Assert.That(Samples(first, "certoperator_unmanaged_certificate_unreadable"), Is.EqualTo(new[] { $"{{namespace=\"{Cluster.Namespace}\",secret=\"junk-tls\",reason=\"NoCertificate\"}}" }));
            Assert.That(read, Is.EquivalentTo(new[] { "changed-tls", "gone-tls", "junk-tls", "old-tls", "wiki-tls" }), "each once, and none that a policy manages");
        });

        await Cluster.Secrets.DeleteAsync(Cluster.Name("gone-tls"), null, CancellationToken.None);
        Secret changed = await Cluster.Secrets.GetAsync(Cluster.Name("changed-tls"), CancellationToken.None);
        changed.Data = Data("renewed-tls", 50);
        await Cluster.Secrets.UpdateAsync(changed, CancellationToken.None);
        string second = await WaitForAsync(op, m => Samples(m, NotAfter) is { Count: 3 } s && s[0].Contains("renewed-tls.example.com", StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(Samples(second, NotAfter).Skip(1), Is.EqualTo(new[] { Series("old-tls"), Series("wiki-tls", "cert-manager") }));
            Assert.That(secrets.Read.Skip(read.Count), Is.EqualTo(new[] { "changed-tls" }), "what has not changed is not read twice");
            Assert.That(secrets.Lists, Is.Not.Empty.And.All.EqualTo("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"));
            Assert.That(secrets.Listed, Has.None.Contains("\"data\""));
            Assert.That(api.Exchanges.Where(e => e.Status is 401 or 403), Is.Empty);
        });
        await CompareTableAsync(api);
    }

    /// <summary>The command, as the operator's service account.</summary>
    private async Task CompareTableAsync(ApiProxy api)
    {
        ToolResult result = await ToolProcess.RunAsync(
            "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "certoperator.dll"), "inventory", "--kubeconfig", api.KubeconfigPath, "--namespaces", Cluster.Namespace], new ToolOptions { AllowFailure = true });
        string[][] rows = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split("   ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(rows.Skip(1).Select(r => $"{r[7]}: {r[3]}, {r[4]}, {r[8]}"), Is.EquivalentTo(new[]
        {
            "old-tls: nobody, no policy, -", "wiki-tls: cert-manager, Certificate x, -", "changed-tls: nobody, no policy, -", "www-tls: certoperator, -, www", "junk-tls: nobody, not readable: NoCertificate, -",
        }));
        Assert.That(rows[^1][7], Is.EqualTo("junk-tls"), "what has no end comes last");
    }

    /// <summary>The chart's roles with the opt-in, for this namespace alone.</summary>
    /// <returns>A token of its service account.</returns>
    private async Task<string> InstallAsync()
    {
        string ns = Cluster.Namespace;
        await Cluster.ControlPlane.ApplyAsync(await Helm.TemplateAsync(
            "certs", ns, "--set", $"fullnameOverride={ns},namespaces={{{ns}}},inventory.enabled=true", "--show-only", "templates/serviceaccount.yaml", "--show-only", "templates/rbac-workspaces.yaml", "--show-only", "templates/rbac-own.yaml"));
        return await Cluster.ControlPlane.KubectlAsync(["create", "token", ns, "-n", ns, "--duration=1h"]);
    }

    private static Task<string> WaitForAsync(OperatorUnderTest op, Func<string, bool> fits) => Eventually.GetAsync(_ => op.MetricsAsync(), fits, Deadlines.Run, "the metrics of the inventory");

    private string Series(string secret, string renewedBy = "nobody") => $"{{namespace=\"{Cluster.Namespace}\",secret=\"{secret}\",hostname=\"{secret}.example.com\",renewed_by=\"{renewedBy}\"}}";

    /// <summary>The labels of a metric's series, in order.</summary>
    private static IReadOnlyList<string> Samples(string metrics, string name) =>
        [.. metrics.Split('\n').Where(l => l.StartsWith(name + "{", StringComparison.Ordinal)).Select(l => l[name.Length..l.LastIndexOf(' ')]).Order(StringComparer.Ordinal)];

    private Task<Secret> CreateAsync(string name, int days = 90, string? annotation = null, string? certificate = null) => Cluster.Secrets.CreateAsync(
        new Secret
        {
            Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace, Annotations = annotation is null ? null : new() { [annotation] = "x" } },
            Type = "kubernetes.io/tls",
            Data = Data(name, days, certificate),
        },
        CancellationToken.None);

    private Dictionary<string, byte[]> Data(string name, int days, string? certificate = null)
    {
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest($"{name}.example.com") { NotAfter = TimeProvider.System.GetUtcNow().AddDays(days) });
        return new() { ["tls.crt"] = Encoding.ASCII.GetBytes(certificate ?? leaf.ChainPem), ["tls.key"] = Encoding.ASCII.GetBytes(leaf.KeyPem) };
    }

    /// <summary>What went to and fro about TLS Secrets that the test has made.</summary>
    private sealed class SecretTraffic
    {
        private readonly Lock _lock = new();
        private readonly List<string> _read = [];
        private readonly List<string> _lists = [];
        private readonly List<string> _listed = [];

        public IReadOnlyList<string> Read => Copy(_read);

        /// <summary>What each list accepts.</summary>
        public IReadOnlyList<string> Lists => Copy(_lists);

        /// <summary>What it was answered.</summary>
        public IReadOnlyList<string> Listed => Copy(_listed);

        public Task<ProxiedAnswer> Note(ApiRequest request, ProxiedAnswer answer)
        {
            lock (_lock)
            {
                if (request is { Verb: "list", Resource: "secrets" })
                {
                    _lists.Add(request.Http.Headers.Single(h => h.Key.Equals("Accept", StringComparison.OrdinalIgnoreCase)).Value);
                    _listed.Add(answer.BodyText);
                }
                else if (request is { Verb: "get", Resource: "secrets" } && request.Name.EndsWith("-tls", StringComparison.Ordinal) && request.Name != "www-tls")
                {
                    _read.Add(request.Name);
                }
            }

            return Task.FromResult(answer);
        }

        private IReadOnlyList<string> Copy(List<string> list)
        {
            lock (_lock)
            {
                return [.. list];
            }
        }
    }
}
