using CertOperator.Kubernetes;
using CertOperator.Operator.Pacing;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Pacing;

public sealed class FairTurnsTests
{
    [Test]
    public void One_of_each_other_namespace_has_its_turn_the_longest_waiting_first()
    {
        var turns = new FairTurns();
        NamespacedName a1 = new("a", "1"), a2 = new("a", "2"), b1 = new("b", "1");
        foreach (NamespacedName policy in new[] { a1, a2, a1, b1 })
        {
            turns.Wait(policy);
        }

        Assert.That(turns.After("c"), Is.EquivalentTo(new[] { a1, b1 }));
        Assert.That(turns.After("a"), Is.Empty, "its own namespace is not called, and b has no other");
        turns.Wait(a1);
        Assert.That(turns.After("b"), Is.EqualTo(new[] { a2 }));
        Assert.That(turns.After("b"), Is.EqualTo(new[] { a1 }));
        Assert.That(turns.After("b"), Is.Empty);
    }
}
