using CertOperator.Providers.Dns.Protocol;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class DnsNameTests
{
    [TestCase("example.com", "EXAMPLE.com.", true)]
    [TestCase("example.com", "example.org", false)]
    [TestCase("a.example.com", "example.com", false)]
    public void Names_are_equal_whatever_their_case(string one, string other, bool equal)
    {
        Assert.That(DnsName.Parse(one).Equals(DnsName.Parse(other)), Is.EqualTo(equal));
        Assert.That(DnsName.Parse(one).GetHashCode() == DnsName.Parse(other).GetHashCode(), Is.EqualTo(equal));
    }

    [TestCase("www.example.com", "example.com", true)]
    [TestCase("example.com", "example.com", true)]
    [TestCase("badexample.com", "example.com", false)]
    [TestCase("com", "example.com", false)]
    [TestCase("example.com", ".", true)]
    public void A_name_lies_below_another_by_whole_labels(string name, string ancestor, bool below)
        => Assert.That(DnsName.Parse(name).IsAtOrBelow(DnsName.Parse(ancestor)), Is.EqualTo(below));

    [TestCase("")]
    [TestCase("a..b")]
    [TestCase(".a")]
    [TestCase("a b")]
    [TestCase("bücher.example")]
    public void What_is_no_name_is_refused(string text) => Assert.That(() => DnsName.Parse(text), Throws.InstanceOf<DnsFormatException>());

    [Test]
    public void Names_and_labels_have_a_greatest_length()
    {
        Assert.That(() => DnsName.Parse(new string('a', 64)), Throws.InstanceOf<DnsFormatException>());
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 62), 4));
        Assert.That(DnsName.Parse(longest).ToString(), Has.Length.EqualTo(251));
        Assert.That(() => DnsName.Parse(longest).Prepend("_acme-challenge"), Throws.InstanceOf<DnsFormatException>());
    }

    [Test]
    public void The_way_up_ends_at_the_root()
    {
        var way = new List<string>();
        for (var at = DnsName.Parse("a.b.c"); at is not null; at = at.Parent)
        {
            way.Add(at.ToString());
        }

        Assert.That(way, Is.EqualTo(new[] { "a.b.c", "b.c", "c", "." }));
    }

    [Test]
    public void Odd_bytes_are_shown_escaped()
    {
        var bytes = Convert.FromHexString("000081800001000000000000" + "05" + "612e5c00ff" + "00" + "0001" + "0001");
        Assert.That(DnsReader.Read(bytes).Questions[0].Name.ToString(), Is.EqualTo("a\\.\\\\\\000\\255"));
    }
}
