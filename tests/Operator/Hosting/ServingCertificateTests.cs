using System.Security.Cryptography.X509Certificates;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ServingCertificateTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<ServingCertificate> _log = new();
    private TemporaryDirectory _folder = null!;
    private TestAuthority _authority = null!;

    [SetUp]
    public void Start() => (_folder, _authority) = (new TemporaryDirectory(), TestAuthority.CreateRoot(_time));

    [TearDown]
    public void End()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void Without_files_it_is_one_of_its_own_that_is_made_again_before_it_ends()
    {
        var own = new ServingCertificate(null, null, _time, _log);
        var first = own.Current().TargetCertificate;
        var again = own.Current().TargetCertificate;
        _time.Advance(TimeSpan.FromDays(200));
        var later = own.Current().TargetCertificate;

        Assert.That(first.Subject, Is.EqualTo("CN=certoperator"));
        Assert.That(first.GetECDsaPrivateKey(), Is.Not.Null);
        Assert.That((again.Thumbprint == first.Thumbprint, later.Thumbprint == first.Thumbprint), Is.EqualTo((true, false)));
        Assert.That(later.NotAfter, Is.GreaterThan(_time.GetUtcNow().LocalDateTime.AddDays(300)));
    }

    [Test]
    public void Files_are_read_again_when_they_have_changed()
    {
        var first = Write("first.example.com");
        var certificate = FromFiles();
        var served = certificate.Current();
        var second = Write("second.example.com");
        var tooEarly = certificate.Current();
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(served.TargetCertificate.Thumbprint, Is.EqualTo(first));
        Assert.That(tooEarly, Is.SameAs(served));
        Assert.That(certificate.Current().TargetCertificate.Thumbprint, Is.EqualTo(second));
    }

    [Test]
    public void The_chain_is_served_too()
    {
        var intermediate = _authority.CreateIntermediate();
        using var leaf = intermediate.Issue(new LeafRequest("localhost"));
        File.WriteAllText(_folder.File("tls.crt"), leaf.ChainPem);
        File.WriteAllText(_folder.File("tls.key"), leaf.KeyPem);

        Assert.That(FromFiles().Current().IntermediateCertificates.Select(c => c.Thumbprint), Is.EqualTo(new[] { intermediate.Certificate.Thumbprint }));
    }

    [Test]
    public void Files_that_do_not_fit_are_told_once_and_what_was_served_stays()
    {
        var first = Write("first.example.com");
        var certificate = FromFiles();
        certificate.Current();
        var key = File.ReadAllText(_folder.File("tls.key"));
        Write("second.example.com");
        File.WriteAllText(_folder.File("tls.key"), key);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            Assert.That(certificate.Current().TargetCertificate.Thumbprint, Is.EqualTo(first));
        }

        Assert.That(_log.Messages.Count(m => m.Contains("are no pair that can be used", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(_log.Messages, Has.None.Contains("PRIVATE"));
    }

    [Test]
    public void Files_that_are_not_there_yet_are_taken_when_they_come()
    {
        var certificate = FromFiles();
        var own = certificate.Current().TargetCertificate.Subject;
        var written = Write("late.example.com");
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That((own, certificate.Current().TargetCertificate.Thumbprint), Is.EqualTo(("CN=certoperator", written)));
    }

    private ServingCertificate FromFiles() => new(_folder.File("tls.crt"), _folder.File("tls.key"), _time, _log);

    private string Write(string name)
    {
        using var leaf = _authority.Issue(new LeafRequest(name));
        File.WriteAllText(_folder.File("tls.crt"), leaf.Pem);
        File.WriteAllText(_folder.File("tls.key"), leaf.KeyPem);
        return leaf.Certificate.Thumbprint;
    }
}
