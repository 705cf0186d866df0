using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Slo;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Slo;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WorkspaceRulesTests
{
    private readonly ObjectStore<CertificateRenewalPolicy> _policies = new();
    private readonly ObjectStore<CertificateRenewalSettings> _settings = new();
    private readonly InMemoryCluster _cluster = new();
    private readonly RecordingLogger<WorkspaceRulesReconciler> _log = new();
    private readonly Queues _queues;
    private WorkspaceRulesReconciler _reconciler;

    public WorkspaceRulesTests()
    {
        var time = new ManualTimeProvider(A.Now);
        _queues = new Queues(time, new Random(1));
        _reconciler = Create(_policies);
    }

    private IResourceClient<PrometheusRule> Rules => _cluster.Resource(MonitoringResources.PrometheusRules);

    [Test]
    public async Task The_first_policy_brings_the_rules_and_the_last_takes_them_away()
    {
        _policies.Observe(A.Policy());
        await SettleAsync();
        var written = await Rules.FindAsync(WorkspaceRulesReconciler.KeyOf("shop"), CancellationToken.None);

        _reconciler = Create(new ObjectStore<CertificateRenewalPolicy>());
        await SettleAsync();

        Assert.Multiple(() =>
        {
            Assert.That(written!.Metadata.Labels![WellKnown.ManagedByLabel], Is.EqualTo(WellKnown.ManagedByValue));
            Assert.That(written.Spec.Groups.Select(g => g.Name), Is.EqualTo(new[] { "certoperator-workspace", "certoperator-certificates", "certoperator-unmanaged", "certoperator-slo" }));
            Assert.That(_cluster.Writes, Is.EqualTo(new[] { "apply prometheusrules shop/certoperator-slo", "delete prometheusrules shop/certoperator-slo" }));
        });
    }

    [Test]
    public async Task Nothing_is_written_where_nothing_has_changed()
    {
        _policies.Observe(A.Policy());
        await SettleAsync();
        await SettleAsync();
        await _reconciler.ReconcileAsync(WorkspaceRulesReconciler.KeyOf("shop"), CancellationToken.None);

        Assert.That(_cluster.Writes, Has.Exactly(1).Items);
    }

    [Test]
    public async Task The_settings_change_thresholds_and_labels()
    {
        _policies.Observe(A.Policy());
        await SettleAsync();
        _settings.Observe(Settings(new SettingsSpec
        {
            Slo = new SloSettings { OverduePercentage = 55, Labels = new Dictionary<string, string> { ["release"] = "prom" } },
            Incidents = new IncidentSettings { PagerDuty = new PagerDutySettings { RoutingKeySecretName = "pagerduty" } },
        }));

        await _reconciler.ReconcileAsync(WorkspaceRulesReconciler.KeyOf("shop"), CancellationToken.None);

        var written = await Rules.GetAsync(WorkspaceRulesReconciler.KeyOf("shop"), CancellationToken.None);
        var alerts = written.Spec.Groups.SelectMany(g => g.Rules).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(written.Metadata.Labels!["release"], Is.EqualTo("prom"));
            Assert.That(alerts.Single(a => a.Alert == AlertNames.RenewalOverdue).Expr!.GetValue<string>(), Does.StartWith("(certoperator:window_left:ratio{namespace=\"shop\"} < 0.55\n"));
            Assert.That(alerts.Single(a => a.Alert == AlertNames.RenewalFastBurn).Labels!["paged_by"], Is.EqualTo("operator"));
        });
    }

    [Test]
    public void A_label_that_the_settings_no_longer_name_is_taken_away()
    {
        var before = WorkspaceRules.Of("shop", Settings(new SettingsSpec { Slo = new SloSettings { Labels = new Dictionary<string, string> { ["release"] = "prom" } } }));

        Assert.That(WorkspaceRules.IsAsWanted(before, WorkspaceRules.Of("shop", null)), Is.False);
    }

    [Test]
    public void What_others_add_is_theirs()
    {
        var found = WorkspaceRules.Of("shop", null);
        found.Metadata.Labels!["team"] = "shop";
        found.Metadata.Annotations!["note"] = "seen";

        Assert.That(WorkspaceRules.IsAsWanted(found, WorkspaceRules.Of("shop", null)), Is.True);
    }

    [Test]
    public async Task A_rule_that_somebody_has_changed_is_put_right()
    {
        _policies.Observe(A.Policy());
        await SettleAsync();
        var spoilt = await Rules.GetAsync(WorkspaceRulesReconciler.KeyOf("shop"), CancellationToken.None);
        spoilt.Spec.Groups[1].Rules[0].Expr = 1;
        await Rules.UpdateAsync(spoilt, CancellationToken.None);

        await SettleAsync();

        var mended = await Rules.GetAsync(WorkspaceRulesReconciler.KeyOf("shop"), CancellationToken.None);
        Assert.That(WorkspaceRules.IsAsWanted(mended, WorkspaceRules.Of("shop", null)), Is.True);
    }

    [TestCase("https://x/{{`secret_metric`|query|first|value}}/{alert}", "https://certoperator.io/runbooks/CertificateRenewalOverdue")]
    [TestCase("https://x/{{alert}}", "https://certoperator.io/runbooks/CertificateRenewalOverdue")]
    [TestCase("https://x/{alert}#of-{alert}", "https://x/CertificateRenewalOverdue#of-CertificateRenewalOverdue")]
    public void A_link_of_a_tenant_is_no_template_for_Prometheus(string url, string expected)
    {
        var rules = WorkspaceRules.Of("shop", Settings(new SettingsSpec { Slo = new SloSettings { RunbookUrl = url } }));

        Assert.That(rules.Spec.Groups.SelectMany(g => g.Rules).Single(r => r.Alert == AlertNames.RenewalOverdue).Annotations!["runbook_url"], Is.EqualTo(expected));
    }

    [Test]
    public async Task An_object_of_somebody_else_is_spoken_of_once_until_it_is_another()
    {
        await Rules.CreateAsync(new PrometheusRule { Metadata = new ObjectMeta { Name = WorkspaceRules.Name, Namespace = "shop" } }, CancellationToken.None);
        _policies.Observe(A.Policy());

        await SettleAsync();
        await SettleAsync();
        Assert.That(_log.Messages, Has.Exactly(1).Contains("was not made by the operator"));

        await Rules.DeleteAsync(WorkspaceRulesReconciler.KeyOf("shop"), null, CancellationToken.None);
        await SettleAsync();
        await Rules.DeleteAsync(WorkspaceRulesReconciler.KeyOf("shop"), null, CancellationToken.None);
        await Rules.CreateAsync(new PrometheusRule { Metadata = new ObjectMeta { Name = WorkspaceRules.Name, Namespace = "shop" } }, CancellationToken.None);
        await SettleAsync();
        Assert.That(_log.Messages, Has.Exactly(2).Contains("was not made by the operator"));
    }

    [Test]
    public async Task What_is_refused_is_told_once_and_tried_again()
    {
        var refused = true;
        _cluster.Before = request =>
        {
            if (refused && request.StartsWith("apply", StringComparison.Ordinal))
            {
                throw new InvalidException("runbook_url is wrong.");
            }
        };
        _policies.Observe(A.Policy());

        await SettleAsync();
        await SettleAsync();
        refused = false;
        await SettleAsync();

        Assert.That(_log.Messages, Has.Exactly(1).Contains("is not written"));
        Assert.That(_cluster.Writes, Has.Exactly(1).Items);
    }

    [Test]
    public async Task An_object_of_somebody_else_is_left_alone()
    {
        await Rules.CreateAsync(new PrometheusRule { Metadata = new ObjectMeta { Name = WorkspaceRules.Name, Namespace = "shop" } }, CancellationToken.None);
        _policies.Observe(A.Policy());

        await SettleAsync();

        Assert.That(_cluster.Writes, Has.Exactly(1).Items, "the one of the test");
        Assert.That(_log.Messages, Has.Some.Contains("was not made by the operator"));
    }

    [Test]
    public async Task A_cluster_without_the_kind_is_asked_now_and_then_and_nothing_is_said()
    {
        var known = false;
        _cluster.Before = _ => Require(known);
        _policies.Observe(A.Policy());
        var result = await _reconciler.ReconcileAsync(WorkspaceRulesReconciler.Survey, CancellationToken.None);
        await _reconciler.ReconcileAsync(WorkspaceRulesReconciler.KeyOf("shop"), CancellationToken.None);
        var (asked, depth) = (_cluster.Requests.Count, _queues.Rules.Depth);

        known = true;
        await SettleAsync();
        var later = await _reconciler.ReconcileAsync(WorkspaceRulesReconciler.Survey, CancellationToken.None);

        Assert.Multiple(() =>
        {
            Assert.That(result, Is.EqualTo(new ReconcileResult.RequeueAfter(TimeSpan.FromSeconds(15))));
            Assert.That(later, Is.EqualTo(new ReconcileResult.RequeueAfter(TimeSpan.FromMinutes(5))));
            Assert.That((asked, depth), Is.EqualTo((0, 0)), "a request that fails is not noted, and a second was not made");
            Assert.That(_log.Messages, Is.Empty);
            Assert.That(_cluster.Writes, Is.EqualTo(new[] { "apply prometheusrules shop/certoperator-slo" }));
        });
    }

    [Test]
    public async Task Missing_rights_are_told_once_with_what_to_do()
    {
        _cluster.Before = _ => throw new ForbiddenException("prometheusrules is forbidden.");
        _policies.Observe(A.Policy());

        await SettleAsync();
        await SettleAsync();

        Assert.That(_log.Messages, Has.Exactly(1).Items);
        Assert.That(_log.Messages.Single(), Does.Contain("prometheusrules is forbidden.").And.Contain("--prometheus-rules"));
    }

    /// <summary>What the controller does: the survey, and whatever it has put into the queue.</summary>
    private async Task SettleAsync()
    {
        await _reconciler.ReconcileAsync(WorkspaceRulesReconciler.Survey, CancellationToken.None);
        while (_queues.Rules.Depth > 0)
        {
            var key = await _queues.Rules.GetAsync(CancellationToken.None);
            await _reconciler.ReconcileAsync(key, CancellationToken.None);
            _queues.Rules.Done(key);
        }
    }

    private WorkspaceRulesReconciler Create(ObjectStore<CertificateRenewalPolicy> policies)
        => new(_cluster, new ResourceStores(policies, new ObjectStore<CertificateRenewalRun>(), _settings, new ObjectStore<CertificateRenewalBatch>()), _queues, [], _log);

    private static void Require(bool known)
    {
        if (!known)
        {
            throw new NotFoundException("404 page not found");
        }
    }

    private static CertificateRenewalSettings Settings(SettingsSpec spec)
        => new() { Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = "shop", ResourceVersion = "1" }, Spec = spec };
}
