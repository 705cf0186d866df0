using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Probing.Ocsp;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Probing.Ocsp;

internal sealed class StapleJudgeTests : IDisposable
{
    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    // Whole seconds, as the responses have them.
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _clock = new(Now);
    private readonly TestAuthority _root;
    private readonly TestAuthority _authority;
    private readonly TestAuthority _stranger;
    private readonly X509Certificate2 _leaf;

    public StapleJudgeTests()
    {
        _root = TestAuthority.CreateRoot(_clock);
        _authority = _root.CreateIntermediate();
        _stranger = _root.CreateIntermediate();
        _leaf = _authority.Issue(new LeafRequest("www.example.com")).Certificate;
    }

    private OcspResponseBuilder Response => new(_leaf, _authority.Certificate, Now);

    public void Dispose()
    {
        _leaf.Dispose();
        _root.Dispose();
    }

    [Test]
    public void What_the_CA_says_is_told_with_its_times()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judge(Response), Is.EqualTo(new OcspStaple { Status = OcspStatus.Good, ThisUpdate = Now.AddHours(-1), NextUpdate = Now.AddDays(3) }));
            Assert.That(Judge(Response with { NextUpdate = null, IdHash = HashAlgorithmName.SHA256 }), Is.EqualTo(new OcspStaple { Status = OcspStatus.Good, ThisUpdate = Now.AddHours(-1) }));
            Assert.That(Judge(Response with { Status = OcspStatus.Revoked }), Has.Property("Status").EqualTo(OcspStatus.Revoked).And.Property("Message").EqualTo("Revoked on 2026-11-20 12:00 UTC, reason keyCompromise."));
            Assert.That(Judge(Response with { Status = OcspStatus.Unknown }), Has.Property("Status").EqualTo(OcspStatus.Unknown).And.Property("Message").Contains("does not know"));
        }
    }

    [Test]
    public void A_response_about_another_certificate_counts_for_nothing()
    {
        using var other = _authority.Issue(new LeafRequest("www.example.com"));
        AssertInvalid(Response with { About = other.Certificate }, "is about another certificate");
        AssertInvalid(Response with { AboutIssuer = _stranger.Certificate }, "is about another certificate");
    }

    [Test]
    public void A_response_counts_from_its_time_until_it_expires()
    {
        AssertInvalid(Response with { NextUpdate = Now.AddSeconds(-1) }, "says Good and expired on 2026-11-22 11:59 UTC");
        AssertInvalid(Response with { ThisUpdate = Now.AddHours(1) }, "says Good and counts from 2026-11-22 13:00 UTC only");
        Assert.That(Judge(Response with { NextUpdate = Now, ThisUpdate = Now.AddMinutes(4) }).Status, Is.EqualTo(OcspStatus.Good), "clocks differ");
    }

    [Test]
    public void A_signature_of_somebody_else_counts_for_nothing_and_neither_do_the_dates_under_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AssertInvalid(Response with { Signer = key }, "neither the CA's nor");
        Assert.That(Judge(Response with { Signer = key }).ThisUpdate, Is.Null);
        AssertInvalid(Response with { Signer = _stranger.Certificate.GetECDsaPrivateKey()!, Enclosed = _stranger.Certificate }, "not of the CA that issued");
    }

    [Test]
    public void A_responder_speaks_for_the_CA_that_has_named_it()
    {
        using var responder = _authority.Issue(Responder with { Key = RSA.Create(2048) });
        Assert.That(Judge(By(responder)).Status, Is.EqualTo(OcspStatus.Good));
        Assert.That(Judge(By(responder) with { Status = OcspStatus.Revoked }).Status, Is.EqualTo(OcspStatus.Revoked));

        using var server = _authority.Issue(Responder with { KeyUsages = [LeafRequest.ServerAuth] });
        AssertInvalid(By(server), "not one for OCSP responders");
        using var plain = _authority.Issue(Responder with { KeyUsages = null });
        AssertInvalid(By(plain), "not one for OCSP responders");
        using var foreign = _stranger.Issue(Responder);
        AssertInvalid(By(foreign), "not of the CA that issued");
        using var old = _authority.Issue(Responder with { NotAfter = Now.AddMinutes(-1) });
        AssertInvalid(By(old), "is not valid now");
    }

    [Test]
    public void Without_the_issuer_nothing_is_believed()
        => Assert.That(StapleJudge.Judge(Response.Build(), _leaf, [_root.Certificate, _stranger.Certificate], Now), Has.Property("Status").EqualTo(OcspStatus.Invalid).And.Property("Message").Contains("spec.verify.caBundle"));

    [TestCase("30030a0103", "is an error of the responder, number 3")]
    [TestCase("30030a0100", "is not understood")]
    [TestCase("", "is not understood")]
    [TestCase("485454502f312e31", "is not understood")]
    public void What_is_no_answer_is_named(string hex, string message)
    {
        var told = StapleJudge.Judge(Convert.FromHexString(hex), _leaf, [_authority.Certificate], Now);
        Assert.That(told.Message, Does.Contain($"The stapled OCSP response {message}"));
    }

    [Test]
    public void No_spoilt_response_clears_a_revoked_certificate()
    {
        using var responder = _authority.Issue(Responder);
        byte[][] samples = [(By(responder) with { Status = OcspStatus.Revoked }).Build()];
        int refused = 0;
        for (int seed = 0; seed < 5000; seed++)
        {
            byte[] bytes = Mutator.Spoil(samples, seed);
            try
            {
                var told = StapleJudge.Judge(bytes, _leaf, [_authority.Certificate], Now);
                Assert.That(told.Status, Is.AnyOf(OcspStatus.Invalid, OcspStatus.Revoked));
                refused += told.Status == OcspStatus.Invalid ? 1 : 0;
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.Fail($"seed {seed}, {Convert.ToHexString(bytes)}: {e}");
            }
        }

        Assert.That(refused, Is.InRange(1000, 4999));
    }

    private static LeafRequest Responder => new() { CommonName = "Responder", KeyUsages = [OcspSigning] };

    private OcspResponseBuilder By(IssuedLeaf responder) => Response with { Signer = responder.Key, Enclosed = responder.Certificate };

    private OcspStaple Judge(OcspResponseBuilder response) => StapleJudge.Judge(response.Build(), _leaf, [_root.Certificate, _stranger.Certificate, _authority.Certificate], Now);

    private void AssertInvalid(OcspResponseBuilder response, string message)
        => Assert.That(Judge(response), Has.Property("Status").EqualTo(OcspStatus.Invalid).And.Property("Message").Contains(message));
}
