using CertOperator.Crds.Rules;
using NUnit.Framework;

namespace CertOperator.Crds.Tests.Rules;

public sealed class DeliveryBackoffTests
{
    [TestCase(-5, 5)]
    [TestCase(1, 5)]
    [TestCase(2, 10)]
    [TestCase(10, 2560)]
    [TestCase(11, 3600)]
    [TestCase(int.MaxValue, 3600)]
    public void The_wait_doubles_up_to_an_hour_less_a_tenth_at_the_most(int attempts, int seconds)
    {
        foreach (var seed in new[] { "a", "b", "c", "d" })
        {
            Assert.That(DeliveryBackoff.Delay(attempts, seed).TotalSeconds, Is.InRange(seconds * 0.9, seconds));
        }
    }

    [Test]
    public void The_same_message_always_waits_the_same_time_and_different_ones_spread()
    {
        Assert.That(DeliveryBackoff.Delay(3, "a"), Is.EqualTo(DeliveryBackoff.Delay(3, "a")));
        Assert.That(Enumerable.Range(0, 50).Select(i => DeliveryBackoff.Delay(3, $"seed {i}")).Distinct().Count(), Is.GreaterThan(40));
    }
}
