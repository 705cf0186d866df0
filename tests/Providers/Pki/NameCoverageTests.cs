using CertOperator.Providers.Pki;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Pki;

public sealed class NameCoverageTests
{
    [TestCase("www.example.com", "www.example.com", ExpectedResult = true, TestName = "The_name_itself")]
    [TestCase("WWW.Example.com", "www.example.com", ExpectedResult = true, TestName = "Case_does_not_matter")]
    [TestCase("*.example.com", "www.example.com", ExpectedResult = true, TestName = "A_wildcard_stands_for_one_label")]
    [TestCase("*.example.com", "a.b.example.com", ExpectedResult = false, TestName = "But_not_for_two")]
    [TestCase("*.example.com", "example.com", ExpectedResult = false, TestName = "And_not_for_none")]
    [TestCase("*.example.com", "*.example.com", ExpectedResult = true, TestName = "A_wildcard_covers_itself")]
    [TestCase("www.example.com", "*.example.com", ExpectedResult = false, TestName = "A_name_covers_no_wildcard")]
    [TestCase("2001:db8::1", "2001:0db8:0:0::1", ExpectedResult = true, TestName = "An_address_in_any_spelling")]
    [TestCase("*.0.0.1", "127.0.0.1", ExpectedResult = false, TestName = "No_wildcard_for_addresses")]
    [TestCase("*.com", "com", ExpectedResult = false, TestName = "A_name_without_a_dot")]
    public bool Covers(string certificate, string wanted) => NameCoverage.Covers([certificate], wanted);
}
