using CertOperator.Providers.Deployments;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Deployments;

public sealed class TargetChainTests
{
    private TestAuthority _root = null!;
    private TestAuthority _middle = null!;
    private TestAuthority _lowest = null!;

    [SetUp]
    public void MakeAuthorities()
    {
        _root = TestAuthority.CreateRoot(TimeProvider.System);
        _middle = _root.CreateIntermediate("Middle");
        _lowest = _middle.CreateIntermediate("Lowest");
    }

    [TearDown]
    public void Forget() => _root.Dispose();

    [Test]
    public void Issuers_come_after_the_leaf_in_order_whatever_order_they_were_sent_in()
    {
        using var leaf = _lowest.Issue(new LeafRequest("www.example.com"));
        var chain = Of(leaf.Pem + _middle.Pem + _lowest.Pem, bundle: null);
        Assert.That((chain.LeafPem, chain.MissingIssuer), Is.EqualTo((leaf.Pem, (string?)null)));
        Assert.That(chain.IssuersPem, Is.EqualTo(_lowest.Pem + _middle.Pem));
        Assert.That(chain.Fingerprint, Is.EqualTo(Convert.ToHexStringLower(leaf.Certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256))));
    }

    [Test]
    public void A_leaf_that_came_alone_gets_its_issuers_from_the_bundle()
    {
        using var stranger = TestAuthority.CreateRoot(TimeProvider.System, "Stranger");
        using var leaf = _lowest.Issue(new LeafRequest("www.example.com"));
        var chain = Of(leaf.Pem, stranger.Pem + _root.Pem + _middle.Pem + _lowest.Pem);
        Assert.That((chain.IssuersPem, chain.MissingIssuer), Is.EqualTo((_lowest.Pem + _middle.Pem + _root.Pem, (string?)null)));
    }

    [Test]
    public void A_CA_of_the_same_name_that_has_not_signed_it_is_not_taken_for_its_issuer()
    {
        using var namesake = TestAuthority.CreateRoot(TimeProvider.System);
        using var leaf = _root.Issue(new LeafRequest("www.example.com"));
        Assert.That(Of(leaf.Pem, namesake.Pem).MissingIssuer, Is.EqualTo("'CN=Test Root'"));
        Assert.That(Of(leaf.Pem, null).MissingIssuer, Is.EqualTo("'CN=Test Root'"));
        Assert.That(Of(leaf.Pem, _root.Pem), Has.Property("MissingIssuer").Null.And.Property("IssuersPem").EqualTo(_root.Pem));
    }

    [Test]
    public void Who_has_issued_itself_lacks_nobody()
        => Assert.That(Of(_root.Pem, null), Has.Property("MissingIssuer").Null.And.Property("IssuersPem").Empty);

    private static TargetChain Of(string pem, string? bundle)
    {
        using var chain = CertificateChain.Parse(pem, PemLimits.Stored);
        return TargetChain.Of(chain, bundle);
    }
}
