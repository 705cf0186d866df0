using System.Buffers.Text;
using System.Text;
using CertOperator.Operator.Issuers;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Issuers;

public sealed class ServiceAccountTokensTests
{
    [TestCase("""{"iss":"https://kubernetes.default.svc","aud":["vault"]}""", "vault")]
    [TestCase("""{"aud":["a","https://kubernetes.default.svc"]}""", "a https://kubernetes.default.svc")]
    [TestCase("""{"aud":"vault"}""", "vault")]
    [TestCase("""{"aud":[]}""", "")]
    public void A_token_says_whom_it_is_for(string claims, string expected)
        => Assert.That(string.Join(' ', ServiceAccountTokens.FindAudiences(Token(claims))!), Is.EqualTo(expected));

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("nonsense")]
    [TestCase("""{"aud":7}""")]
    [TestCase("""{"aud":[7]}""")]
    [TestCase("""{"aud":null}""")]
    public void A_token_that_does_not_say_is_told_from_one_that_does(string claims) => Assert.That(ServiceAccountTokens.FindAudiences(Token(claims)), Is.Null);

    [TestCase("")]
    [TestCase("a.b")]
    [TestCase("a.!.c")]
    [TestCase("opaque")]
    public void What_is_no_token_says_nothing(string token) => Assert.That(ServiceAccountTokens.FindAudiences(token), Is.Null);

    private static string Token(string claims) => $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.c2ln";
}
