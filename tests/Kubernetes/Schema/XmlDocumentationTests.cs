using CertOperator.Kubernetes.Schema;
using NUnit.Framework;

namespace CertOperator.Kubernetes.Tests.Schema;

public sealed class XmlDocumentationTests
{
    [TestCase("<summary>\n   Two\n   lines.\n </summary>", "Two lines.", TestName = "Lines_become_one_paragraph")]
    [TestCase("<summary>One.<para>Two.</para><para>Three.</para></summary>", "One.\n\nTwo.\n\nThree.", TestName = "A_para_is_a_paragraph")]
    [TestCase("<summary>Use <c> x </c>.</summary>", "Use `x`.", TestName = "Code_is_put_in_backticks")]
    [TestCase("<summary>As <see cref=\"P:N.T.SecretName\"/>.</summary>", "As secretName.", TestName = "A_property_is_shown_by_its_JSON_name")]
    [TestCase("<summary>A <see cref=\"T:N.Policy\"/> or <see langword=\"null\"/>.</summary>", "A Policy or null.", TestName = "A_type_and_a_keyword")]
    [TestCase("<summary>See <see href=\"https://x.example/\">this</see>.</summary>", "See this (https://x.example/).", TestName = "A_link_keeps_its_address")]
    [TestCase("<summary>A.</summary><remarks>B.</remarks><value>3600</value>", "A. B. Default: 3600.", TestName = "Remarks_and_the_default_follow")]
    [TestCase("<summary>  </summary>", null, TestName = "An_empty_comment_is_none")]
    [TestCase("<summary>a &lt; b</summary>", "a < b", TestName = "Entities_are_resolved")]
    [TestCase("<inheritdoc cref=\"T:Other\"/>", "From elsewhere.", TestName = "Inheritance_by_reference")]
    public void Text_of(string member, string? expected)
    {
        var docs = XmlDocumentation.Parse(
            $"<doc><members><member name=\"T:{typeof(XmlDocumentationTests).FullName}\">{member}</member>"
            + "<member name=\"T:Other\"><summary>From elsewhere.</summary></member></members></doc>");

        Assert.That(docs.Type(typeof(XmlDocumentationTests)), Is.EqualTo(expected));
    }

    [Test]
    public void An_assembly_without_comments_beside_it_is_an_error()
    {
        Assert.That(() => XmlDocumentation.ForAssemblies(typeof(object).Assembly), Throws.TypeOf<FileNotFoundException>());
    }
}
