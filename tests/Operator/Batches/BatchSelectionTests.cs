using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Settings;
using CertOperator.Operator.Batches;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Batches;

public sealed class BatchSelectionTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["team"] = "shop", ["tier"] = "web" };

    private static readonly TestCaseData[] Selectors =
    [
        Case("nothing", new BatchSelector(), true),
        Case("its labels", new BatchSelector { MatchLabels = new Dictionary<string, string> { ["team"] = "shop", ["tier"] = "web" } }, true),
        Case("another value", new BatchSelector { MatchLabels = new Dictionary<string, string> { ["team"] = "bank" } }, false),
        Case("a label that it lacks", new BatchSelector { MatchLabels = new Dictionary<string, string> { ["zone"] = "a" } }, false),
        Case("In", Expression("team", LabelOperator.In, "bank", "shop"), true),
        Case("In others", Expression("team", LabelOperator.In, "bank"), false),
        Case("In of a label that it lacks", Expression("zone", LabelOperator.In, "a"), false),
        Case("NotIn", Expression("team", LabelOperator.NotIn, "bank"), true),
        Case("NotIn its own", Expression("team", LabelOperator.NotIn, "shop"), false),
        Case("NotIn of a label that it lacks", Expression("zone", LabelOperator.NotIn, "a"), true),
        Case("Exists", Expression("team", LabelOperator.Exists), true),
        Case("Exists not", Expression("zone", LabelOperator.Exists), false),
        Case("DoesNotExist", Expression("zone", LabelOperator.DoesNotExist), true),
        Case("DoesNotExist, but does", Expression("team", LabelOperator.DoesNotExist), false),
    ];

    [TestCaseSource(nameof(Selectors))]
    public void Labels_are_compared_as_Kubernetes_does(BatchSelector selector, bool fits) => Assert.That(BatchSelection.Fits(selector, Labels), Is.EqualTo(fits));

    [TestCase(30, null, false, TestName = "A_policy_without_a_certificate_expires_at_no_time")]
    [TestCase(30, 31, false, TestName = "One_that_ends_later_is_left_out")]
    [TestCase(30, 29, true, TestName = "One_that_ends_in_time_is_in")]
    [TestCase(0, -1, true, TestName = "One_that_has_ended_is_in")]
    [TestCase(null, null, true, TestName = "Without_a_limit_all_are_in")]
    public void The_end_of_the_certificate_counts(int? limit, int? left, bool fits)
    {
        var policy = A.Policy(status: new PolicyStatus { NotAfter = left is { } days ? A.Now.AddDays(days) : null });
        Assert.That(BatchSelection.Fits(new BatchSpec { DaysUntilExpiry = limit }, policy, A.Now), Is.EqualTo(fits));
    }

    [Test]
    public void Another_namespace_has_to_accept_the_batch()
    {
        var batch = ABatch.Of(ABatch.Spec with { Namespaces = ["shop", "bank", "tax"] });
        var refusal = BatchSelection.Refusal(batch, ns => ns == "bank" ? Accepting("shop") : ns == "tax" ? Accepting("office") : null);
        Assert.That(refusal, Has.Property("Reason").EqualTo("NamespaceNotAccepted"));
        Assert.That(refusal!.Message, Is.EqualTo("spec.namespaces: tax does not accept batches of namespace shop. Add shop to spec.batches.acceptFrom of CertificateRenewalSettings default there, or leave it out."));
        Assert.That(BatchSelection.Refusal(batch, ns => ns == "shop" ? null : Accepting("shop")), Is.Null);
        Assert.That(BatchSelection.Refusal(ABatch.Of(), _ => null), Is.Null, "its own need not");
    }

    [TestCase(LabelOperator.In, false)]
    [TestCase(LabelOperator.NotIn, false)]
    [TestCase(LabelOperator.Exists, true)]
    [TestCase(LabelOperator.DoesNotExist, true)]
    public void An_expression_with_or_without_values_where_it_must_not_be_is_refused(LabelOperator op, bool withValues)
    {
        var batch = ABatch.Of(ABatch.Spec with { Selector = Expression("team", op, withValues ? ["shop"] : []) });
        Assert.That(BatchSelection.Refusal(batch, _ => null), Has.Property("Reason").EqualTo("InvalidSpec").And.Property("Message").StartsWith($"spec.selector.matchExpressions[0]: operator {op} "));
    }

    [Test]
    public void Prices_that_cannot_be_compared_stop_a_cost_aware_batch_only()
    {
        var settings = new CertificateRenewalSettings { Spec = new SettingsSpec { Costs = [new ProviderCost { Provider = CertificateProviderKind.Acme, Currency = "EUR" }, new ProviderCost { Provider = CertificateProviderKind.AwsAcm }] } };
        Assert.That(BatchSelection.Refusal(ABatch.Of(), _ => settings), Has.Property("Reason").EqualTo("InvalidSettings").And.Property("Message").StartsWith("Namespace shop: CertificateRenewalSettings default, spec.costs"));
        Assert.That(BatchSelection.Refusal(ABatch.Of(ABatch.Spec with { Strategy = BatchStrategy.PolicyDefault }), _ => settings), Is.Null);
    }

    [Test]
    public void The_plan_is_another_one_when_what_it_rests_on_is_changed()
    {
        var hash = BatchSelection.PlanHash(ABatch.Spec);
        Assert.That(BatchSelection.PlanHash(ABatch.Spec with { MaxConcurrent = 9, MaxPerHour = 9, StopAfterFailures = 9, Pause = true, Cancel = true }), Is.EqualTo(hash));
        Assert.That(BatchSelection.PlanHash(ABatch.Spec with { Strategy = BatchStrategy.CostAware }), Is.EqualTo(hash), "the default, said aloud");
        BatchSpec[] others =
        [
            ABatch.Spec with { Mode = BatchMode.DryRun }, ABatch.Spec with { DaysUntilExpiry = 1 }, ABatch.Spec with { Namespaces = ["bank"] },
            ABatch.Spec with { Strategy = BatchStrategy.PolicyDefault }, ABatch.Spec with { Selector = Expression("team", LabelOperator.Exists) },
        ];
        Assert.That(others.Select(BatchSelection.PlanHash).Append(hash), Is.Unique);
    }

    private static CertificateRenewalSettings Accepting(string ns) => new() { Spec = new SettingsSpec { Batches = new BatchSettings { AcceptFrom = [ns] } } };

    private static BatchSelector Expression(string key, LabelOperator op, params string[] values)
        => new() { MatchExpressions = [new LabelRequirement { Key = key, Operator = op, Values = values.Length == 0 ? null : values }] };

    private static TestCaseData Case(string name, BatchSelector selector, bool fits) => new TestCaseData(selector, fits).SetArgDisplayNames(name);
}
