using CertOperator.Providers.Dns;
using CertOperator.Providers.Dns.Protocol;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Dns;

public sealed class CaaRulesTests
{
    private static readonly string[] Identities = ["ca.example", "ca.example.net"];
    private static readonly Uri Account = new("https://ca.example/acct/1");

    private static IEnumerable<TestCaseData> Allowed()
    {
        yield return new TestCaseData("no record that says who may issue", false, new[] { Record("iodef", "mailto:security@example.com") });
        yield return new TestCaseData("named", false, new[] { Record("issue", "CA.example") });
        yield return new TestCaseData("named among others", false, new[] { Record("issue", "other.example"), Record("issue", "ca.example.net") });
        yield return new TestCaseData("a wildcard falls back to issue", true, new[] { Record("issue", "ca.example") });
        yield return new TestCaseData("issuewild wins for a wildcard", true, new[] { Record("issue", "other.example"), Record("issuewild", "ca.example") });
        yield return new TestCaseData("issuewild does not concern a plain name", false, new[] { Record("issue", "ca.example"), Record("issuewild", ";") });
        yield return new TestCaseData("the method is allowed", false, new[] { Record("issue", "ca.example; validationmethods=http-01,dns-01") });
        yield return new TestCaseData("the account is named", false, new[] { Record("issue", $"ca.example; accounturi={Account}") });
        yield return new TestCaseData("tags in another case, critical but known", false, new[] { new DnsData.Caa(true, "ISSUE", "ca.example") });
    }

    private static IEnumerable<TestCaseData> Forbidden()
    {
        yield return new TestCaseData("another CA", false, new[] { Record("issue", "other.example") }, "only issue \"other.example\" may issue");
        yield return new TestCaseData("nobody", false, new[] { Record("issue", ";") }, "may issue");
        yield return new TestCaseData("no wildcards", true, new[] { Record("issue", "ca.example"), Record("issuewild", ";") }, "issuewild");
        yield return new TestCaseData("another method", false, new[] { Record("issue", "ca.example; validationmethods=http-01") }, "does not allow dns-01");
        yield return new TestCaseData("another account", false, new[] { Record("issue", "ca.example; accounturi=https://ca.example/acct/2") }, "another ACME account");
        yield return new TestCaseData("critical and unknown", false, new[] { Record("issue", "ca.example"), new DnsData.Caa(true, "tbs", "x") }, "critical");
    }

    [TestCaseSource(nameof(Allowed))]
    public void A_CA_may_issue(string because, bool wildcard, DnsData.Caa[] records)
        => Assert.That(CaaRules.FindObstacle(records, Identities, wildcard, "dns-01", Account), Is.Null, because);

    [TestCaseSource(nameof(Forbidden))]
    public void A_CA_may_not_issue(string because, bool wildcard, DnsData.Caa[] records, string message)
        => Assert.That(CaaRules.FindObstacle(records, Identities, wildcard, "dns-01", Account), Does.Contain(message), because);

    private static DnsData.Caa Record(string tag, string value) => new(false, tag, value);
}
