using System.Buffers.Text;
using System.Text;
using CertOperator.Operator.Issuers;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Issuers;

public sealed class ServiceAccountTokensTests
{
    private const string Issuer = "https://kubernetes.default.svc";

    [TestCase($$"""{"iss":"{{Issuer}}","aud":["vault"]}""")]
    [TestCase($$"""{"iss":"{{Issuer}}","aud":"vault"}""")]
    public void A_token_for_somebody_else_may_be_sent(string claims) => Assert.That(ServiceAccountTokens.FindProblem(Token(claims)), Is.Null);

    [TestCase($$"""{"iss":"{{Issuer}}","aud":["{{Issuer}}"]}""")]
    [TestCase($$"""{"iss":"{{Issuer}}","aud":["vault","{{Issuer}}"]}""")]
    [TestCase($$"""{"iss":"{{Issuer}}","aud":"{{Issuer}}"}""")]
    public void A_token_for_the_API_server_is_not_sent(string claims) => Assert.That(ServiceAccountTokens.FindProblem(Token(claims)), Does.Contain("for the API server itself"));

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("nonsense")]
    [TestCase("""{"iss":"a"}""")]
    [TestCase("""{"iss":"a","aud":7}""")]
    public void A_token_that_says_nothing_is_not_sent(string claims) => Assert.That(ServiceAccountTokens.FindProblem(Token(claims)), Does.Contain("cannot be looked into"));

    [TestCase("")]
    [TestCase("a.b")]
    [TestCase("a.!.c")]
    [TestCase("opaque")]
    public void What_is_no_token_is_not_sent(string token) => Assert.That(ServiceAccountTokens.FindProblem(token), Does.Contain("cannot be looked into"));

    private static string Token(string claims) => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";
}
