using NUnit.Framework;

namespace CertOperator.Operator.Tests;

public sealed class NamingTests
{
    [Test]
    public void The_same_question_gives_the_same_run_and_another_question_another()
    {
        var name = Naming.Run("www", "uid", "www-0", null, null);
        Assert.That(Naming.Run("www", "uid", "www-0", null, null), Is.EqualTo(name));
        Assert.That(new[] { Naming.Run("www", "uid2", "www-0", null, null), Naming.Run("www", "uid", "www-1", null, null), Naming.Run("www", "uid", "www-0", null, "now"), Naming.Run("www", "uid", "www-0", DateTimeOffset.UnixEpoch, null) }, Has.None.EqualTo(name));
    }

    [TestCase("www")]
    [TestCase("a.very.long.name-that-goes-on-and-on-and-on-until-it-is-longer-than-any-label-may-be-and-still-goes-on")]
    public void Names_fit_where_they_are_used(string policy)
    {
        var longest = string.Concat(Enumerable.Repeat(policy, 10))[..Math.Min(253, policy.Length * 10)].TrimEnd('-', '.');
        foreach (var name in new[] { policy, longest })
        {
            Assert.That(Naming.Run(name, "uid", null, null, null), Has.Length.LessThanOrEqualTo(253).And.Matches(@"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"));
            Assert.That(Naming.StateSecret(name), Has.Length.LessThanOrEqualTo(253).And.Matches(@"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"));
            Assert.That(Naming.Label(name), Has.Length.LessThanOrEqualTo(63).And.Matches(@"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"));
        }
    }

    [Test]
    public void Long_names_that_differ_at_the_end_stay_different()
    {
        var prefix = new string('a', 80);
        Assert.That(Naming.Label(prefix + "x"), Is.Not.EqualTo(Naming.Label(prefix + "y")));
    }
}
