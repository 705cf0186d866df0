using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Runs;
using CertOperator.Operator.Tests.Builders;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Runs;

public sealed class OrderRegisterTests
{
    private readonly ObjectStore<CertificateRenewalRun> _runs = new();

    [OneTimeSetUp]
    public void AddIndex() => _runs.AddIndexer(RunIndexes.Policy, r => [RunIndexes.PolicyKey(r)]);

    [Test]
    public void The_order_that_the_last_run_gave_up_is_found_until_a_run_brings_a_certificate()
    {
        var register = new OrderRegister(_runs);
        var next = A.Run(new RunStatus { Phase = RunPhase.Running, Order = new RunOrder { Url = "own" } }, "www-9");
        _runs.Observe(next);
        Assert.That(register.FindUnfinishedOf(next), Is.Null);

        _runs.Observe(Ended("www-1", -5, "first"));
        _runs.Observe(Ended("www-2", -4, "second"));
        _runs.Observe(Ended("www-3", -3, null));
        var dry = Ended("www-4", -2, "dry");
        dry.Spec = dry.Spec with { Mode = RunMode.DryRun };
        _runs.Observe(dry);
        Assert.That(register.FindUnfinishedOf(next), Is.EqualTo("second"), "the latest that placed one");

        _runs.Observe(Ended("www-5", -1, "third", A.Certificate()));
        Assert.That(register.FindUnfinishedOf(next), Is.Null);
    }

    [Test]
    public void Runs_that_ended_while_they_placed_an_order_are_known_until_one_has_placed_it()
    {
        var register = new OrderRegister(_runs);
        var next = A.Run(new RunStatus { Phase = RunPhase.Running, CurrentStep = StepName.PlaceOrder }, "api-9");
        next.Spec = next.Spec with { PolicyRef = new PolicyReference { Name = "api" } };
        _runs.Observe(next);
        Observe("api-1", -9, StepName.PlaceOrder);
        Observe("api-2", -8, StepName.SolveChallenges, "placed");
        Observe("api-3", -7, StepName.PlaceOrder);
        Observe("api-4", -6, StepName.Preflight);
        Observe("api-5", -5, StepName.PlaceOrder);
        Observe("api-6", -4, StepName.PlaceOrder, dry: true);
        Assert.That(register.FindLostOf(next), Is.EqualTo(new[] { Uid("api-5"), Uid("api-3") }));

        Observe("api-7", -3, StepName.Finalize, "placed too");
        Assert.That(register.FindLostOf(next), Is.Empty);

        string Uid(string name) => _runs.Get(new NamespacedName(next.Metadata.Namespace!, name))!.Metadata.Uid!;

        void Observe(string name, int hours, StepName step, string? order = null, bool dry = false)
        {
            var run = Ended(name, hours, order);
            run.Status = run.Status! with { CurrentStep = step };
            run.Spec = run.Spec with { PolicyRef = new PolicyReference { Name = "api" }, Mode = dry ? RunMode.DryRun : run.Spec.Mode };
            _runs.Observe(run);
        }
    }

    private static CertificateRenewalRun Ended(string name, int hours, string? order, CertificateSummary? certificate = null)
        => A.Run(new RunStatus { Phase = RunPhase.NeedsManual, FinishedAt = A.Now.AddHours(hours), Order = order is null ? null : new RunOrder { Url = order }, Certificate = certificate }, name);
}
