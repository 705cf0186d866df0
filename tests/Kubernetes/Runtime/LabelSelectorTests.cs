using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Runtime;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "web", ["tier"] = "front", ["example.io/empty"] = "" };

    [TestCase(null, true)]
    [TestCase("", true)]
    [TestCase("app", true)]
    [TestCase("!app", false)]
    [TestCase("other", false)]
    [TestCase("!other", true)]
    [TestCase("app=web", true)]
    [TestCase("app==web", true)]
    [TestCase("app = web", true)]
    [TestCase("app=db", false)]
    [TestCase("app!=db", true)]
    [TestCase("app!=web", false)]
    [TestCase("other!=web", true)]
    [TestCase("example.io/empty=", true)]
    [TestCase("app in (db, web)", true)]
    [TestCase("app in (db)", false)]
    [TestCase("app notin (db)", true)]
    [TestCase("app notin (web)", false)]
    [TestCase("other in (web)", false)]
    [TestCase("other notin (web)", true)]
    [TestCase("app=web,tier=front", true)]
    [TestCase("app in (db,web), tier, !other", true)]
    [TestCase("app in (db,web),tier=back", false)]
    [TestCase("tier=front,app=db", false)]
    public void It_selects_what_the_API_server_selects(string? selector, bool expected) =>
        Assert.That(LabelSelector.Parse(selector).Matches(Labels), Is.EqualTo(expected));

    [TestCase("app=web,")]
    [TestCase("=web")]
    [TestCase("app=web=x")]
    [TestCase("app in web")]
    [TestCase("app in (web")]
    [TestCase("a b")]
    [TestCase("app>1")]
    public void What_is_no_selector_is_refused_with_the_text(string selector) =>
        Assert.That(() => LabelSelector.Parse(selector), Throws.TypeOf<FormatException>().With.Message.Contains(selector));

    [Test]
    public void An_object_without_labels_fulfils_only_what_asks_for_absence()
    {
        Assert.That(LabelSelector.Parse("!app").Matches(null));
        Assert.That(LabelSelector.Parse("app").Matches(null), Is.False);
    }
}
