using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Monitoring;

/// <summary>The PrometheusRule of a namespace, on a control plane that comes to know the kind; others must not find it on theirs.</summary>
public sealed class WorkspaceRulesTests : OwnControlPlaneTest
{
    private IResourceClient<PrometheusRule> Rules => Cluster.Resource(MonitoringResources.PrometheusRules);

    [Test]
    public async Task A_namespace_has_rules_from_when_the_kind_is_installed_as_long_as_it_has_policies_and_they_follow_the_settings()
    {
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        PolicyBuilder first = new(Cluster), second = new(Cluster, "api");
        await Cluster.CreateAsync(first);
        await Cluster.WaitUntilReadyAsync(first.Name);
        Assert.That(Cluster.Api.Exchanges.Where(e => e.Resource == "prometheusrules").Select(e => (e.Verb, e.Status)), Is.Not.Empty.And.All.EqualTo(("list", 404)));
        Assert.That(op.LogLines, Has.None.Contains("PrometheusRule").And.None.Contains("prometheusrules"), "whoever has no Prometheus operator need not hear of it");

        await InstallRulesAsync();
        PrometheusRule written = await WaitForRuleAsync(r => r is not null, "to be there");

        await Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = Cluster.Namespace },
                Spec = new SettingsSpec { Slo = new SloSettings { Served = "99", OverduePercentage = 55, Labels = new Dictionary<string, string> { ["release"] = "prom" } } },
            },
            CancellationToken.None);
        PrometheusRule tuned = await WaitForRuleAsync(r => r?.Metadata.Labels!.GetValueOrDefault("release") == "prom", "to follow the settings");
        await Cluster.CreateAsync(second);
        await Cluster.WaitUntilReadyAsync(first.Name);
        await Cluster.WaitUntilReadyAsync(second.Name);
        PrometheusRule unchanged = await Rules.GetAsync(Cluster.Name("certoperator-slo"), CancellationToken.None);
        await Cluster.Policies.DeleteAsync(Cluster.Name(first.Name), null, CancellationToken.None);
        await Cluster.Policies.DeleteAsync(Cluster.Name(second.Name), null, CancellationToken.None);
        await WaitForRuleAsync(r => r is null, "to be gone with the last policy");

        Assert.Multiple(() =>
        {
            Assert.That(written.Spec.Groups.SelectMany(g => g.Rules), Has.Some.Matches<PrometheusRuleItem>(r => r!.Expr!.GetValue<string>().StartsWith($"(certoperator:window_left:ratio{{namespace=\"{Cluster.Namespace}\"}} < 0.7\n", StringComparison.Ordinal)));
            Assert.That(tuned.Spec.Groups.SelectMany(g => g.Rules), Has.Some.Matches<PrometheusRuleItem>(r => r!.Expr!.GetValue<string>().StartsWith($"(certoperator:window_left:ratio{{namespace=\"{Cluster.Namespace}\"}} < 0.55\n", StringComparison.Ordinal)));
            Assert.That(unchanged.Metadata.ResourceVersion, Is.EqualTo(tuned.Metadata.ResourceVersion), "two renewals write nothing there");
        });
    }

    private async Task InstallRulesAsync()
    {
        await Cluster.ControlPlane.KubectlAsync(["apply", "--server-side", "-f", Repository.PathOf("tests", "EndToEnd", "Monitoring", "Definitions", "prometheusrules.yaml")]);
        await Cluster.ControlPlane.KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", "crd/prometheusrules.monitoring.coreos.com"]);
    }

    private Task<PrometheusRule> WaitForRuleAsync(Func<PrometheusRule?, bool> fits, string what) =>
        Eventually.GetAsync(ct => Rules.FindAsync(Cluster.Name("certoperator-slo"), ct)!, fits, Deadlines.Run, $"the PrometheusRule {what}")!;
}
