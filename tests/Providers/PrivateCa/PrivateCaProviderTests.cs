using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.PrivateCa;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.PrivateCa;

/// <summary>openssl judges what was signed.</summary>
public sealed class PrivateCaProviderTests
{
    private static readonly string[] Names = ["www.example.com", "*.example.com", "192.0.2.7"];

    private readonly PrivateCaProvider _provider = new(TimeProvider.System);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [TestCase("ECDSA root", KeyAlgorithm.Ecdsa, 256)]
    [TestCase("RSA root", KeyAlgorithm.Rsa, 2048)]
    [TestCase("intermediate", KeyAlgorithm.Ecdsa, 384)]
    public async Task Openssl_verifies_the_chain_and_what_stands_in_the_certificate(string kind, KeyAlgorithm algorithm, int size)
    {
        using var world = World(kind);
        var issuer = world.Issuer with { CrlUrls = ["http://crl.example.com/ca.crl"], IssuerUrls = ["http://ca.example.com/ca.crt"] };
        using var key = PrivateKeyPair.Create(algorithm, size);

        var chain = await IssueAsync(issuer, key);

        using var directory = new TemporaryDirectory();
        var text = await VerifyAsync(directory, world.RootPem, chain, "www.example.com");
        Assert.That(text, Does.Contain("CA:FALSE").And.Contain("TLS Web Server Authentication").And.Contain("Digital Signature"));
        Assert.That(text, Does.Contain("DNS:www.example.com, DNS:*.example.com, IP Address:192.0.2.7"));
        Assert.That(text, Does.Contain("URI:http://crl.example.com/ca.crl").And.Contain("CA Issuers - URI:http://ca.example.com/ca.crt"));
        Assert.That(text, Does.Contain("X509v3 Subject Key Identifier").And.Contain("X509v3 Authority Key Identifier"));
        using var parsed = CertificateChain.Parse(chain, PemLimits.Issued);
        Assert.That(IssuedCertificateCheck.Check(parsed, key, Names, Now), Is.Empty);
        Assert.That(parsed.Certificates, Has.Count.EqualTo(kind == "intermediate" ? 2 : 1), "the root stays at home");
        Assert.That(parsed.Leaf.SerialNumberBytes.Length, Is.EqualTo(20));
    }

    [Test]
    public async Task No_two_certificates_have_one_serial_number_also_where_a_run_is_resumed_and_signs_again()
    {
        using var world = World("ECDSA root");
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var other = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);

        var time = new ManualTimeProvider(Now);
        var provider = new PrivateCaProvider(time);
        string[] serials =
        [
            await SerialAsync(provider, world.Issuer, key, "run-1"),
            await SerialAsync(provider, world.Issuer, key, "run-2"),
            await SerialAsync(provider, world.Issuer, other, "run-1"),
            await LaterAsync(),
        ];
        Assert.That(serials, Is.Unique);

        Task<string> LaterAsync()
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            return SerialAsync(provider, world.Issuer, key, "run-1");
        }
    }

    [Test]
    public async Task A_certificate_never_outlives_a_CA_above_it()
    {
        using var world = World("intermediate", notAfter: Now.AddDays(10));
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var chain = CertificateChain.Parse(await IssueAsync(world.Issuer, key), PemLimits.Issued);
        Assert.That(chain.Leaf.NotAfter, Is.EqualTo(chain.Certificates[1].NotAfter));
        Assert.That((await _provider.CheckAsync(Request(world.Issuer), default)).Single().Evidence, Does.Contain("cut to that"));
    }

    [TestCase("permitted", "www.example.org is not among the names that the CA's name constraints permit (example.com)")]
    public async Task A_name_that_a_constraint_forbids_is_refused_before_anything_is_signed(string kind, string said)
    {
        using var world = World(kind);
        var request = Request(world.Issuer) with { Names = ["www.example.org"] };
        var refusal = (await Assert.ThrowsAsync<IssuanceException>(() => _provider.FinalizeAsync(request, new OrderSession(new RunOrder()), _ => Task.FromResult(new byte[] { 1 }), default)))!;
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, "NameRefused")));
        Assert.That(refusal.Message, Does.Contain(said).And.Contain("spec.providerConfig.privateCa.secretName"));
    }

    [Test]
    public async Task Openssl_accepts_what_a_constrained_CA_signed_and_refuses_what_it_must_not_sign()
    {
        using var world = World("permitted");
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var directory = new TemporaryDirectory();
        var names = new[] { "www.example.com", "*.example.com" };
        await VerifyAsync(directory, world.RootPem, await IssueAsync(world.Issuer, key, names), "www.example.com");

        var request = new CertificateRequest("CN=x", (ECDsa)key.Key, HashAlgorithmName.SHA256);
        var san = new SubjectAlternativeNameBuilder();
        san.AddDnsName("www.example.org");
        request.CertificateExtensions.Add(san.Build());
        using var forged = request.Create(world.Root.SubjectName, X509SignatureGenerator.CreateForECDsa(world.Root.GetECDsaPrivateKey()!), Now.AddHours(-1), Now.AddDays(1), [1]);
        await File.WriteAllTextAsync(directory.File("leaf.pem"), forged.ExportCertificatePem());
        Assert.That(
            async () => await ToolProcess.RunAsync("openssl", ["verify", "-CAfile", directory.File("root.pem"), directory.File("leaf.pem")]),
            Throws.TypeOf<ToolFailedException>().With.Message.Contains("permitted subtree violation"));
    }

    [TestCase("no CA", "is no CA")]
    [TestCase("no keyCertSign", "lacks keyCertSign")]
    [TestCase("expired", "expired at")]
    [TestCase("not yet", "is not valid before")]
    [TestCase("path length", "allows 0 CAs below it, and there are 1")]
    [TestCase("another key", "holds a key that is not that of its certificate")]
    [TestCase("garbage", "holds no usable CA")]
    public async Task A_CA_that_must_not_sign_is_refused_with_what_to_do(string kind, string said)
    {
        using var world = World(kind);
        var refusal = (await Assert.ThrowsAsync<IssuanceException>(() => _provider.PrepareAsync(Request(world.Issuer), default)))!;
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, "AuthorityUnusable")));
        Assert.That(refusal.Message, Does.StartWith("spec.providerConfig.privateCa.secretName: Secret ca ").And.Contain(said).And.Not.Contain("PRIVATE"));
    }

    [Test]
    public void A_request_that_is_not_signed_with_its_key_is_refused()
    {
        using var world = World("ECDSA root");
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var request = CertificateSigningRequests.CreateDer(key, null, ["www.example.com"], []);
        request[^1] ^= 1;
        Assert.That(
            () => _provider.FinalizeAsync(Request(world.Issuer), new OrderSession(new RunOrder()), _ => Task.FromResult(request), default),
            Throws.TypeOf<IssuanceException>().With.Property("Reason").EqualTo("SigningRequestRefused"));
    }

    [Test]
    public async Task Two_generations_of_a_CA_that_the_operator_makes_are_told_apart_in_one_bundle()
    {
        var old = RootCertificates.Create("Shop CA", TimeSpan.FromDays(30), ["example.com"], Now.AddDays(-1));
        var next = RootCertificates.Create("Shop CA", TimeSpan.FromDays(30), ["example.com"], Now.AddHours(-1));
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        using var directory = new TemporaryDirectory();
        foreach (var pair in new[] { old, next })
        {
            var issuer = new PrivateCaIssuer { Field = PrivateCaIssuer.DefaultPrivateCaField, Server = new Uri("private-ca://shop/ca"), SecretName = "ca", ChainPem = pair.CertificatePem, KeyPem = pair.KeyPem, Lifetime = TimeSpan.FromDays(1) };
            await VerifyAsync(directory, old.CertificatePem + next.CertificatePem, await IssueAsync(issuer, key, ["www.example.com"]), "www.example.com");
        }
    }

    private static IssuanceRequest Request(PrivateCaIssuer issuer) => new() { Issuer = issuer, RunUid = "run-1", Owner = "shop/www", Names = Names, Challenge = ChallengeKind.None };

    private Task<string> IssueAsync(PrivateCaIssuer issuer, PrivateKeyPair key, IReadOnlyList<string>? names = null) => IssueAsync(_provider, issuer, key, names, "run-1");

    private static async Task<string> IssueAsync(PrivateCaProvider provider, PrivateCaIssuer issuer, PrivateKeyPair key, IReadOnlyList<string>? names, string run)
    {
        names ??= Names;
        var request = CertificateSigningRequests.CreateDer(key, null, [.. names.Where(n => !IPAddress.TryParse(n, out _))], [.. names.Where(n => IPAddress.TryParse(n, out _)).Select(IPAddress.Parse)]);
        var progress = await provider.FinalizeAsync(Request(issuer) with { Names = names, RunUid = run }, new OrderSession(new RunOrder()), _ => Task.FromResult(request), default);
        return ((IssuanceProgress.Issued)progress).ChainPem;
    }

    private static async Task<string> SerialAsync(PrivateCaProvider provider, PrivateCaIssuer issuer, PrivateKeyPair key, string run)
    {
        using var chain = CertificateChain.Parse(await IssueAsync(provider, issuer, key, null, run), PemLimits.Issued);
        return chain.Facts.Serial;
    }

    /// <returns>The leaf as openssl prints it.</returns>
    private static async Task<string> VerifyAsync(TemporaryDirectory directory, string roots, string chain, string host)
    {
        await File.WriteAllTextAsync(directory.File("root.pem"), roots);
        await File.WriteAllTextAsync(directory.File("chain.pem"), chain);
        await ToolProcess.RunAsync("openssl", ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", host, "-CAfile", directory.File("root.pem"), "-untrusted", directory.File("chain.pem"), directory.File("chain.pem")]);
        return (await ToolProcess.RunAsync("openssl", ["x509", "-noout", "-text", "-in", directory.File("chain.pem")])).Output;
    }

    private static TestWorld World(string kind, DateTimeOffset? notAfter = null)
    {
        var end = kind == "expired" ? Now.AddMinutes(-1) : Now.AddYears(1);
        using var rsa = RSA.Create(2048);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        AsymmetricAlgorithm rootKey = kind == "RSA root" ? rsa : ecdsa;
        var request = rootKey is RSA ? new CertificateRequest("CN=Root", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest("CN=Root", ecdsa, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(kind != "no CA", kind == "path length", 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(kind == "no keyCertSign" ? X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (kind == "permitted")
        {
            request.CertificateExtensions.Add(NameConstraints.Permit(["example.com"]));
        }

        var root = request.CreateSelfSigned(kind == "not yet" ? Now.AddHours(1) : Now.AddDays(-2), end);
        var (chain, key) = (root.ExportCertificatePem(), rootKey.ExportPkcs8PrivateKeyPem());
        if (kind is "intermediate" or "path length")
        {
            using var below = ECDsa.Create(ECCurve.NamedCurves.nistP384);
            var sub = new CertificateRequest("CN=Intermediate", below, HashAlgorithmName.SHA384);
            sub.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            sub.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            sub.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(sub.PublicKey, false));
            sub.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
            using var intermediate = sub.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(ecdsa), Now.AddDays(-1), notAfter ?? end, [7]);
            (chain, key) = (intermediate.ExportCertificatePem() + "\n" + chain, below.ExportPkcs8PrivateKeyPem());
        }

        if (kind == "another key")
        {
            using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            key = stranger.ExportPkcs8PrivateKeyPem();
        }

        var issuer = new PrivateCaIssuer
        {
            Field = PrivateCaIssuer.DefaultPrivateCaField,
            Server = new Uri("private-ca://shop/ca"),
            SecretName = "ca",
            ChainPem = kind == "garbage" ? "no certificate" : chain,
            KeyPem = key,
            Lifetime = TimeSpan.FromDays(90),
        };
        return new TestWorld(root, issuer);
    }

    private sealed record TestWorld(X509Certificate2 Root, PrivateCaIssuer Issuer) : IDisposable
    {
        public string RootPem => Root.ExportCertificatePem() + "\n";

        public void Dispose() => Root.Dispose();

    }
}
