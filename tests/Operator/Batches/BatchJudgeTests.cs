using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Costs;
using CertOperator.Operator.Pacing;
using CertOperator.Operator.Policies;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Batches;

public sealed class BatchJudgeTests
{
    private static readonly DateTimeOffset Planned = A.Now.AddMinutes(-5);

    private static readonly TestCaseData[] Skipped =
    [
        Skip("a suspended policy", "Suspended", Of(A.Spec with { Suspend = true })),
        Skip("one whose runs are dry", "DryRunOnly", Of(A.Spec with { DryRunDefault = true })),
        Skip("one that cannot work", "InvalidSpec", Of(A.Spec with { Hostname = "not a name" })),
        Skip("one that is stalled", "SecretConflict", Of(status: new PolicyStatus { ObservedGeneration = 1, Conditions = [new Condition { Type = "Stalled", Status = "True", Reason = "SecretConflict", Message = "Two write it." }] })),
        Skip("one that was renewed since the batch was planned", "RenewedMeanwhile", Of() with { IssuedAt = A.Now.AddMinutes(-1) }),
        Skip("one whose certificate is young", "Cooldown", Of() with { IssuedAt = A.Now.AddMinutes(-20) }),
        Skip("one whose hostname was issued for elsewhere", "Cooldown", Of() with { Cooldown = Wait(PacingReasons.Cooldown, TimeSpan.FromMinutes(40)) }),
        Skip("one that needs a person", "NeedsManual", Of(status: new PolicyStatus { LastFinishedRun = new AccountedRun { Name = "www-1", Phase = RunPhase.NeedsManual, Generation = 1, Message = "Mend it." } })),
        Skip("one that backs off for long", "BackingOff", Of(status: new PolicyStatus { NextAttemptTime = A.Now.AddHours(1), LastFinishedRun = new AccountedRun { Name = "www-1", Phase = RunPhase.Failed, Generation = 1, Message = "It failed." } })),
        Skip("one without a provider that can", "NoProvider", Of() with { Providers = States(new ProviderState { Unconfigured = "spec.providerConfig.acme.server is missing." }) }),
    ];

    private static readonly TestCaseData[] Postponed =
    [
        Later("one with a run in progress", "RunInProgress", Of() with { ActiveRun = A.Run() }),
        Later("one that backs off for a moment", "BackingOff", Of(status: new PolicyStatus { NextAttemptTime = A.Now.AddMinutes(2), LastFinishedRun = new AccountedRun { Name = "www-1", Phase = RunPhase.Failed, Generation = 1, Message = "It failed." } })),
        Later("one that cools down for a moment", "Cooldown", Of() with { Cooldown = Wait(PacingReasons.Cooldown, TimeSpan.FromMinutes(1)) }),
        Later("one whose budget is used up, however long", "BudgetExhausted", Of() with { Providers = States(new ProviderState { Wait = Wait(PacingReasons.BudgetExhausted, TimeSpan.FromDays(2)) }) }),
        Later("one whose CA asked for patience", "AccountPaused", Of() with { Providers = States(new ProviderState { Wait = Wait(PacingReasons.AccountPaused, TimeSpan.FromHours(1)) }) }),
    ];

    [TestCaseSource(nameof(Skipped))]
    public void It_is_skipped(BatchCandidate candidate, string reason)
    {
        var verdict = BatchJudge.Judge(candidate, BatchStrategy.CostAware, Planned, A.Now);
        Assert.That(verdict, Is.InstanceOf<BatchVerdict.Skip>().And.Property("Reason").EqualTo(reason));
        Assert.That(((BatchVerdict.Skip)verdict).Message, Is.Not.Empty);
    }

    [TestCaseSource(nameof(Postponed))]
    public void It_is_waited_for(BatchCandidate candidate, string reason)
    {
        var verdict = BatchJudge.Judge(candidate, BatchStrategy.CostAware, Planned, A.Now);
        Assert.That(verdict, Is.InstanceOf<BatchVerdict.Later>().And.Property("Reason").EqualTo(reason));
        Assert.That(((BatchVerdict.Later)verdict).Until, Is.GreaterThan(A.Now));
    }

    [Test]
    public void The_cheapest_provider_is_asked_or_the_one_that_a_scheduled_run_would_ask()
    {
        var candidate = Of(A.Spec with { AllowedProviders = [CertificateProviderKind.LetsEncrypt] }) with
        {
            Settings = new CertificateRenewalSettings { Spec = new SettingsSpec { Costs = [new ProviderCost { Provider = CertificateProviderKind.Acme, PerIssuance = "2" }] } },
        };
        var aware = (BatchVerdict.Renew)BatchJudge.Judge(candidate, BatchStrategy.CostAware, Planned, A.Now);
        Assert.That((aware.Provider, aware.Answer.Cost!.Amount), Is.EqualTo((CertificateProviderKind.LetsEncrypt, "0")));
        Assert.That(aware.Answer.PassedOver.Single(p => p.Provider == CertificateProviderKind.Acme), Has.Property("Reason").EqualTo("Dearer").And.Property("Message").EqualTo("It costs 2 USD, and letsencrypt 0."));

        var plain = (BatchVerdict.Renew)BatchJudge.Judge(candidate, BatchStrategy.PolicyDefault, Planned, A.Now);
        Assert.That((plain.Provider, plain.Answer.Cost!.Amount), Is.EqualTo((CertificateProviderKind.Acme, "2")));
    }

    [Test]
    public void A_dearer_provider_is_no_way_round_the_cooldown()
    {
        var candidate = Of(A.Spec with { AllowedProviders = [CertificateProviderKind.LetsEncrypt] }) with { Cooldown = Wait(PacingReasons.Cooldown, TimeSpan.FromHours(1)) };
        Assert.That(BatchJudge.Judge(candidate, BatchStrategy.CostAware, Planned, A.Now), Is.InstanceOf<BatchVerdict.Skip>());
    }

    [Test]
    public void A_policy_that_its_controller_has_not_looked_at_since_it_was_changed_is_not_judged_by_what_was_wrong_before()
        => Assert.That(BatchJudge.Judge(Of(status: new PolicyStatus { ObservedGeneration = 0, Conditions = [new Condition { Type = "Stalled", Status = "True", Reason = "MissingSecret", Message = "None." }] }), BatchStrategy.CostAware, Planned, A.Now), Is.InstanceOf<BatchVerdict.Renew>());

    private static BatchCandidate Of(PolicySpec? spec = null, PolicyStatus? status = null)
    {
        var policy = A.Policy(spec, status);
        return new BatchCandidate { Policy = policy, Settings = null, Resolution = PolicyResolver.Resolve(policy, null) };
    }

    private static Dictionary<CertificateProviderKind, ProviderState> States(ProviderState state) => new() { [CertificateProviderKind.Acme] = state };

    private static IssuanceWait Wait(string reason, TimeSpan span) => new(A.Now + span, A.Now + span, reason, "Not yet.");

    private static TestCaseData Skip(string name, string reason, BatchCandidate candidate) => new TestCaseData(candidate, reason).SetArgDisplayNames(name);

    private static TestCaseData Later(string name, string reason, BatchCandidate candidate) => new TestCaseData(candidate, reason).SetArgDisplayNames(name);
}
