using CertOperator.Providers.Vault;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Vault;

internal sealed class VaultPathsTests
{
    [TestCase("transit")]
    [TestCase("team a/transit-2")]
    [TestCase("a/b/c_d.e")]
    [TestCase("it's/(fine)")]
    public void A_path_may_have_parts_and_odd_characters(string path) => Assert.That(VaultPaths.FindPathProblem(path), Is.Null);

    [TestCase("", "is empty")]
    [TestCase("/transit", "slash")]
    [TestCase("transit/", "slash")]
    [TestCase("a//b", "two in a row")]
    [TestCase("..", "dot")]
    [TestCase("a/../sys", "dot")]
    [TestCase("a/./b", "dot")]
    [TestCase("a/b.", "dot")]
    [TestCase("a/ b", "space")]
    [TestCase("a?b=c", "holds ?")]
    [TestCase("a#b", "holds #")]
    [TestCase("a%2e%2e", "holds %")]
    [TestCase("a\\b", "holds \\")]
    [TestCase("a*", "holds *")]
    [TestCase("a/+/b", "holds +")]
    [TestCase("a\nb", "control character")]
    [TestCase("a\u0000b", "control character")]
    [TestCase("schlüssel", "outside of ASCII")]
    public void A_path_that_leads_elsewhere_is_refused(string path, string expected) => Assert.That(VaultPaths.FindPathProblem(path), Does.Contain(expected));

    [TestCase("www", true)]
    [TestCase("shop.www-2_x", true)]
    [TestCase("_", true)]
    [TestCase("", false)]
    [TestCase(".www", false)]
    [TestCase("www.", false)]
    [TestCase("-www", false)]
    [TestCase("a/b", false)]
    [TestCase("..", false)]
    [TestCase("a b", false)]
    [TestCase("a\n", false)]
    [TestCase("é", false)]
    public void A_name_is_what_Vault_takes_for_one(string name, bool good) => Assert.That(VaultPaths.FindNameProblem(name) is null, Is.EqualTo(good));

    [Test]
    public void Each_part_of_a_path_is_escaped_and_the_address_keeps_its_own()
        => Assert.That(VaultPaths.Url(new Uri("https://vault.example:8200/behind/"), "team a/keys/x:y", "?version=2").AbsoluteUri, Is.EqualTo("https://vault.example:8200/behind/v1/team%20a/keys/x%3Ay?version=2"));

    [Test]
    public void No_address_is_made_of_a_path_that_was_not_looked_at()
        => Assert.That(() => VaultPaths.Url(new Uri("https://vault.example"), "a/../b"), Throws.ArgumentException);
}
