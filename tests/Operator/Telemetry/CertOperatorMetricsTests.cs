using System.Text.RegularExpressions;
using CertOperator.Acme;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Telemetry;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Telemetry;

public sealed partial class CertOperatorMetricsTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Test]
    public async Task What_an_operator_with_one_policy_serves_is_the_golden_text()
    {
        var metrics = Example();
        var path = Path.Combine(TestContext.CurrentContext.TestDirectory, "Telemetry", "Golden", "metrics.txt");

        var text = Process().Replace(await MetricTextTests.Text(metrics.Registry), "");

        Assert.That(text, Is.EqualTo(await File.ReadAllTextAsync(path)));
    }

    [TestCase("process_cpu_seconds_total")]
    [TestCase("process_resident_memory_bytes")]
    [TestCase("process_start_time_seconds")]
    [TestCase("process_open_fds")]
    [TestCase("process_max_fds")]
    [TestCase("dotnet_gc_collections_total{generation=\"2\"}")]
    [TestCase("dotnet_gc_heap_size_bytes")]
    [TestCase("dotnet_threadpool_threads")]
    public async Task The_standard_metrics_are_there(string series)
    {
        var text = await MetricTextTests.Text(Example().Registry);

        Assert.That(text, Does.Match("(?m)^" + Regex.Escape(series) + @" [0-9.E+]+$"));
    }

    [Test]
    public async Task Every_combination_of_a_run_is_there_at_0()
    {
        var text = await MetricTextTests.Text(new CertOperatorMetrics(new BuildInformation("1.0.0", "abc"), "runs").Registry);

        foreach (var provider in new[] { "letsencrypt", "acme", "vault_pki" })
        {
            foreach (var result in new[] { "Succeeded", "Failed", "NeedsManual" })
            {
                Assert.That(text, Does.Contain(
                    $"certoperator_renewal_runs_total{{provider=\"{provider}\",mode=\"Live\",trigger=\"Scheduled\",result=\"{result}\"}} 0\n"));
            }
        }

        Assert.That(text, Does.Contain("certoperator_reconcile_total{controller=\"runs\",outcome=\"error\"} 0\n"));
    }

    [Test]
    public async Task A_policy_that_is_gone_has_no_series()
    {
        var policies = new Policies([Policy("web") with { NotAfter = Start }]);
        var metrics = new CertOperatorMetrics(new BuildInformation("1.0.0", "abc"));
        metrics.AddPolicies(policies);
        var before = await MetricTextTests.Text(metrics.Registry);
        policies.Now = [];

        var after = await MetricTextTests.Text(metrics.Registry);

        Assert.That((before.Contains("policy=\"web\"", StringComparison.Ordinal), after.Contains("policy=\"web\"", StringComparison.Ordinal)), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task A_time_that_is_not_known_has_no_sample()
    {
        var metrics = new CertOperatorMetrics(new BuildInformation("1.0.0", "abc"));
        metrics.AddPolicies(new Policies([Policy("new") with { Endpoints = [new EndpointMetrics("a:443", false, null, null)] }]));

        var text = await MetricTextTests.Text(metrics.Registry);

        Assert.That(text, Does.Not.Contain("timestamp_seconds{namespace").And.Not.Contain("endpoint_served_match{").And.Contain("certoperator_endpoint_reachable{namespace=\"shop\",policy=\"new\",endpoint=\"a:443\"} 0\n"));
    }

    [Test]
    public async Task After_a_hundred_ACME_hosts_the_rest_is_other()
    {
        var metrics = new CertOperatorMetrics(new BuildInformation("1.0.0", "abc"));
        IAcmeRequestObserver observer = metrics;
        for (var i = 0; i < 300; i++)
        {
            observer.RequestCompleted($"ca{i}.example", "newOrder", 201, TimeSpan.Zero);
            observer.RequestCompleted("ca0.example", "newOrder", 201, TimeSpan.Zero);
        }

        var text = await MetricTextTests.Text(metrics.Registry);

        Assert.Multiple(() =>
        {
            Assert.That(Regex.Count(text, "(?m)^certoperator_acme_requests_total"), Is.EqualTo(101));
            Assert.That(text, Does.Contain("{host=\"other\",action=\"newOrder\",status=\"201\"} 200\n"));
            Assert.That(text, Does.Contain("{host=\"ca0.example\",action=\"newOrder\",status=\"201\"} 301\n"));
        });
    }

    [TestCase(0, "error")]
    [TestCase(200, "200")]
    [TestCase(429, "429")]
    [TestCase(418, "4xx")]
    [TestCase(599, "5xx")]
    [TestCase(999, "other")]
    public async Task A_status_is_a_bounded_label(int status, string expected)
    {
        var metrics = new CertOperatorMetrics(new BuildInformation("1.0.0", "abc"));
        ((IKubernetesRequestObserver)metrics).RequestCompleted("get", "secrets", status, TimeSpan.Zero);

        Assert.That(
            await MetricTextTests.Text(metrics.Registry),
            Does.Contain($"certoperator_kubernetes_requests_total{{verb=\"get\",resource=\"secrets\",code=\"{expected}\"}} 1\n"));
    }

    internal static CertOperatorMetrics Example()
    {
        var metrics = new CertOperatorMetrics(new BuildInformation("1.2.3", "0123abc"), "policies", "runs");
        metrics.AddPolicies(new Policies(
        [
            Policy("web") with
            {
                NotBefore = Start,
                NotAfter = Start.AddDays(90),
                RenewalTime = Start.AddDays(60),
                AutomaticRenewal = true,
                Endpoints = [new EndpointMetrics("www.example.com:443", true, true, Start.AddDays(90))],
            },
            Policy("new") with { Phase = PolicyPhase.Failed, ConsecutiveFailures = 3, Provider = CertificateProviderKind.Acme },
        ]));
        metrics.AddIncidents(() => [Criticality.High, Criticality.Low, Criticality.High]);
        metrics.AddUndeliveredIncidents(() => [IncidentSinkKinds.Slack]);
        metrics.AddBatches(() => [BatchPhase.Running]);
        metrics.IncidentDelivered(IncidentSinkKinds.PagerDuty, DeliveryResults.Delivered);
        metrics.AddWorkQueue("runs", () => 4);
        metrics.AddWorkQueue("policies", () => 0);
        metrics.WorkQueueRetried("runs");
        metrics.RunFinished(CertificateProviderKind.Acme, RunMode.Live, RunTrigger.Manual, RunPhase.Succeeded, TimeSpan.FromSeconds(2));
        metrics.StepFinished(StepName.PlaceOrder, TimeSpan.FromSeconds(0.2));
        metrics.Reconciled("runs", ReconcileOutcomes.Done, TimeSpan.FromMilliseconds(3));
        ((IAcmeRequestObserver)metrics).RequestCompleted("ca.example", "newOrder", 201, TimeSpan.FromSeconds(0.1));
        ((IKubernetesRequestObserver)metrics).RequestCompleted("update", "certificaterenewalruns/status", 200, TimeSpan.FromSeconds(0.1));
        metrics.SchedulerSucceeded(Start);
        metrics.SetLeader(true);
        return metrics;
    }

    private static PolicyMetrics Policy(string name) => new()
    {
        Namespace = "shop",
        Policy = name,
        Hostname = "www.example.com",
        Provider = CertificateProviderKind.LetsEncrypt,
        Phase = PolicyPhase.Idle,
    };

    /// <summary>What depends on the process that runs the test.</summary>
    [GeneratedRegex("(?m)^(?:# (?:HELP|TYPE) )?(?:process|dotnet)_.*\n")]
    private static partial Regex Process();

    internal sealed class Policies(IReadOnlyList<PolicyMetrics> policies) : IPolicyMetricsSource
    {
        public IReadOnlyList<PolicyMetrics> Now { get; set; } = policies;

        public IEnumerable<PolicyMetrics> Read() => Now;
    }
}
