using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

internal sealed class FailureBackoffTests
{
    [TestCase(-1, 0)]
    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 4)]
    [TestCase(9, 256)]
    [TestCase(10, 360)]
    [TestCase(1000, 360)]
    [TestCase(int.MaxValue, 360)]
    public void Doubles_up_to_six_hours(int failures, double minutes)
    {
        for (var i = 0; i < 100; i++)
        {
            var delay = FailureBackoff.Delay(failures, $"uid-{i}");
            Assert.That(delay.TotalMinutes, Is.InRange(minutes * 0.9, Math.Min(minutes * 1.1, 360)));
        }
    }

    [Test]
    public void The_same_failure_of_the_same_policy_waits_the_same_time() =>
        Assert.That(FailureBackoff.Delay(4, "uid"), Is.EqualTo(FailureBackoff.Delay(4, "uid")));

    [Test]
    public void Policies_that_failed_together_do_not_come_back_together() =>
        Assert.That(Enumerable.Range(0, 100).Select(i => FailureBackoff.Delay(12, $"uid-{i}")).Distinct().Count(), Is.EqualTo(100));
}
