using CertOperator.Kubernetes;
using CertOperator.Operator.Runs;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Runs;

public sealed class RunAdmissionTests
{
    private readonly List<string> _woken = [];

    [Test]
    public void Beyond_the_limit_runs_wait_and_are_woken_one_for_each_free_place_in_order()
    {
        var admission = new RunAdmission(2);
        Assert.That(new[] { Enter(admission, "a"), Enter(admission, "b"), Enter(admission, "c"), Enter(admission, "d") }, Is.EqualTo(new[] { true, true, false, false }));

        admission.Leave(Key("a"));
        Assert.That(_woken, Is.EqualTo(new[] { "c" }));
        Assert.That(Enter(admission, "c"), Is.True);
        Assert.That(Enter(admission, "d"), Is.False);
        admission.Leave(Key("b"));
        Assert.That(_woken, Is.EqualTo(new[] { "c", "d" }));
    }

    [Test]
    public void Asking_again_takes_no_second_place_and_does_not_lose_the_first()
    {
        var admission = new RunAdmission(1);
        Assert.That(Enter(admission, "a") && Enter(admission, "a"), Is.True);
        Assert.That(admission.InProgress, Is.EqualTo(1));
        Assert.That(Enter(admission, "b"), Is.False);
        Assert.That(Enter(admission, "b"), Is.False);
        admission.Leave(Key("a"));
        Assert.That(_woken, Is.EqualTo(new[] { "b" }), "woken once");
    }

    [Test]
    public void A_place_that_whoever_was_woken_does_not_want_any_more_is_offered_again()
    {
        var admission = new RunAdmission(2);
        Assert.That(new[] { Enter(admission, "a"), Enter(admission, "b"), Enter(admission, "c"), Enter(admission, "d"), Enter(admission, "e") }, Is.EqualTo(new[] { true, true, false, false, false }));
        admission.Leave(Key("a"));
        admission.Leave(Key("b"));
        Assert.That(_woken, Is.EqualTo(new[] { "c", "d", "e" }), "c may have been deleted");
    }

    [Test]
    public void Runs_from_before_a_restart_count_whatever_the_limit()
    {
        var admission = new RunAdmission(1);
        admission.Enter(Key("a"));
        admission.Enter(Key("b"));
        Assert.That(Enter(admission, "c"), Is.False);
        admission.Leave(Key("a"));
        Assert.That(_woken, Is.Empty, "the limit is still reached");
        admission.Leave(Key("b"));
        Assert.That(_woken, Is.EqualTo(new[] { "c" }));
    }

    [SetUp]
    public void Forget() => _woken.Clear();

    private static NamespacedName Key(string name) => new("ns", name);

    private bool Enter(RunAdmission admission, string name) => admission.TryEnter(Key(name), () => _woken.Add(name));
}
