namespace CertOperator.Acme.Tests.Protocol;

public sealed class LinkHeaderTests
{
    [TestCase("<https://a/1>;rel=\"alternate\"", "https://a/1")]
    [TestCase("<https://a/1>; rel=alternate", "https://a/1")]
    [TestCase("<https://a/1>;title=\"a, b; c\";rel=\"alternate\"", "https://a/1")]
    [TestCase("<https://a/1>; rel=\"index\", <https://a/2>; rel=\"alternate\",<https://a/3>;REL=Alternate", "https://a/2 https://a/3")]
    [TestCase("<https://a/1>; rel=\"up alternate\"", "https://a/1", TestName = "A_link_may_have_several_relations")]
    [TestCase("<https://a/1>; rel=up; rel=alternate", "", TestName = "Only_the_first_rel_counts")]
    [TestCase("<https://a/1,2;3>; rel=alternate", "https://a/1,2;3", TestName = "Separators_inside_a_url_are_part_of_it")]
    [TestCase("<https://a/1>", "")]
    [TestCase("<https://a/1; rel=alternate", "")]
    [TestCase("https://a/1; rel=alternate", "")]
    [TestCase(";;,,<>;=,\"", "")]
    [TestCase("", "")]
    public void Targets_are_those_of_the_relation(string header, string expected) =>
        Assert.That(string.Join(' ', LinkHeader.Targets([header], "alternate")), Is.EqualTo(expected));

    [Test]
    public void Several_headers_are_read_in_order() =>
        Assert.That(LinkHeader.Targets(["<a>;rel=next", "<b>;rel=next"], "next"), Is.EqualTo(new[] { "a", "b" }));
}
