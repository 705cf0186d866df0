using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Policies;

public sealed class PolicyMemoriesTests
{
    private readonly ResourceStores _stores = new(new ObjectStore<CertificateRenewalPolicy>(), new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());

    [Test]
    public void A_place_taken_for_a_run_is_free_again_when_the_policy_is_gone_before_the_run_was_made()
    {
        _stores.Settings.Observe(new CertificateRenewalSettings
        {
            Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = "shop", Uid = "s", ResourceVersion = "1" },
            Spec = new SettingsSpec { Budgets = new BudgetsConfig { OrdersPerAccount = new Budget { Limit = 1, WindowSeconds = 3600 } } },
        });
        var first = Policy("first");
        var second = Policy("second");
        var gate = new IssuanceGate(_stores);
        var memories = new PolicyMemories(new SecretCheckInterval(null, () => 2), () => 2, gate, new ManualTimeProvider());
        memories.Of(first);

        Assert.That(Enter(gate, first), Is.Null);
        Assert.That(Enter(gate, second)?.Reason, Is.EqualTo(PacingReasons.BudgetExhausted));

        memories.Forget(NamespacedName.Of(first));

        Assert.That(Enter(gate, second), Is.Null);
    }

    private CertificateRenewalPolicy Policy(string name)
    {
        var policy = A.Policy(A.Spec with { Hostname = $"{name}.example.com" });
        policy.Metadata.Name = name;
        policy.Metadata.Uid = name;
        _stores.Policies.Observe(policy);
        return policy;
    }

    private static IssuanceWait? Enter(IssuanceGate gate, CertificateRenewalPolicy policy)
        => gate.TryEnter(policy, A.Resolved(policy.Spec), null, cooldown: false, A.Now);
}
