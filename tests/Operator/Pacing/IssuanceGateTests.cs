using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Pacing;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class IssuanceGateTests
{
    private readonly ResourceStores _stores = new(new ObjectStore<CertificateRenewalPolicy>(), new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());

    [TestCase(RunMode.Live, RunPhase.Failed, true)]
    [TestCase(RunMode.Live, RunPhase.Running, true)]
    [TestCase(RunMode.DryRun, RunPhase.Failed, false)]
    [TestCase(RunMode.DryRun, RunPhase.Running, false)]
    public void Only_the_orders_of_live_runs_draw_on_the_budget_of_the_account(RunMode mode, RunPhase phase, bool waits)
    {
        Budgets(new BudgetsConfig { OrdersPerAccount = new Budget { Limit = 1, WindowSeconds = 10800 } });
        Earlier(mode, phase, "Succeeded");

        Assert.That(Find() is not null, Is.EqualTo(waits));
    }

    [TestCase(RunMode.Live, true)]
    [TestCase(RunMode.DryRun, false)]
    public void Only_what_live_runs_failed_to_prove_counts_as_a_failed_validation(RunMode mode, bool waits)
    {
        Budgets(new BudgetsConfig { FailedValidationsPerHostname = new Budget { Limit = 1, WindowSeconds = 3600 } });
        Earlier(mode, RunPhase.Failed, "ChallengeFailed");

        Assert.That(Find() is not null, Is.EqualTo(waits));
    }

    private void Budgets(BudgetsConfig budgets)
        => _stores.Settings.Observe(new CertificateRenewalSettings
        {
            Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = "shop", ResourceVersion = "1" },
            Spec = new SettingsSpec { Budgets = budgets },
        });

    private void Earlier(RunMode mode, RunPhase phase, string reason)
    {
        var other = A.Policy();
        other.Metadata.Name = "other";
        other.Metadata.Uid = "other";
        _stores.Policies.Observe(other);
        _stores.Policies.Observe(A.Policy());
        var run = A.Run(new RunStatus
        {
            Phase = phase,
            Mode = mode,
            Reason = reason,
            StartedAt = A.Now.AddMinutes(-2),
            FinishedAt = phase == RunPhase.Running ? null : A.Now.AddMinutes(-1),
            Order = new RunOrder { Url = "https://staging.example.com/order/1" },
        });
        run.Spec = new RunSpec { PolicyRef = new PolicyReference { Name = "other" }, Mode = mode };
        _stores.Runs.Observe(run);
    }

    private IssuanceWait? Find() => new IssuanceGate(_stores).Find(A.Policy(), A.Resolved(), null, cooldown: false, A.Now);
}
