using System.Net;
using System.Security.Cryptography;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Pki;
using CertOperator.Providers.VaultPki;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Vault;

internal sealed class VaultPkiProviderTests : VaultTest
{
    private readonly List<IDisposable> _owned = [];

    private TestAuthority _root = null!;
    private TestAuthority _upper = null!;
    private TestAuthority _issuing = null!;
    private FakePki _pki = null!;

    [SetUp]
    public void Prepare()
    {
        _root = TestAuthority.CreateRoot(Time, "Root");
        _upper = _root.CreateIntermediate("Upper");
        _issuing = _upper.CreateIntermediate("Issuing");
        _pki = Vault.Mount("pki", new FakePki(_issuing, Time));
        _pki.Roles["www"] = new FakePkiRole("example.com");
        _pki.CaChain = [_issuing.Pem, _upper.Pem, _root.Pem];
        Grant(("pki/sign/www", "update"));
    }

    [TearDown]
    public void Dispose()
    {
        _owned.ForEach(o => o.Dispose());
        _owned.Clear();
        _root.Dispose();
    }

    private IssuanceRequest Request(int? duration = null, string role = "www", params string[] names)
        => new()
        {
            Issuer = new VaultPkiIssuer { Field = "spec.providerConfig.vaultPki", Server = Server().UrlOf("pki"), Vault = Server() with { Field = "spec.providerConfig.vaultPki" }, Mount = "pki", Role = role, DurationSeconds = duration },
            RunUid = "uid",
            Owner = "shop/www",
            Names = names.Length == 0 ? ["www.example.com", "example.com", "192.0.2.1"] : names,
            Challenge = ChallengeKind.None,
        };

    private async Task<CertificateChain> IssueAsync(IssuanceRequest? request = null, KeyAlgorithm algorithm = KeyAlgorithm.Ecdsa, int size = 256)
    {
        request ??= Request();
        using var key = PrivateKeyPair.Create(algorithm, size);
        var hosts = request.Names.Where(n => !IPAddress.TryParse(n, out _)).ToList();
        var progress = await new VaultPkiProvider(Clients).FinalizeAsync(
            request,
            new OrderSession(new RunOrder()),
            _ => Task.FromResult(CertificateSigningRequests.CreateDer(key, hosts.FirstOrDefault(), hosts, [.. request.Names.Except(hosts).Select(IPAddress.Parse)])),
            CancellationToken.None);
        var chain = CertificateChain.Parse(((IssuanceProgress.Issued)progress).ChainPem, PemLimits.Issued);
        _owned.Add(chain);
        Assert.That(IssuedCertificateCheck.Check(chain, key, request.Names, Time.GetUtcNow()), Is.Empty);
        return chain;
    }

    private static IEnumerable<string> Subjects(CertificateChain chain) => chain.Certificates.Skip(1).Select(c => c.Subject);

    [TestCase(KeyAlgorithm.Ecdsa, 256)]
    [TestCase(KeyAlgorithm.Ecdsa, 384)]
    [TestCase(KeyAlgorithm.Rsa, 2048)]
    public async Task A_role_signs_the_request_for_all_of_its_names(KeyAlgorithm algorithm, int size)
    {
        var chain = await IssueAsync(Request(duration: 86_400), algorithm, size);
        var sent = Vault.Requests[^1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Subjects(chain), Is.EqualTo(new[] { "CN=Issuing", "CN=Upper" }), "without the root");
            Assert.That(chain.Facts.NotAfter, Is.EqualTo(Time.GetUtcNow().AddDays(1)));
            Assert.That(sent.ToString(), Is.EqualTo("POST pki/sign/www"));
            Assert.That(sent.Body.Select(p => p.Key), Is.EqualTo(new[] { "csr", "common_name", "alt_names", "ip_sans", "ttl", "format" }));
            Assert.That(
                (sent.Text("common_name"), sent.Text("alt_names"), sent.Text("ip_sans"), sent.Text("ttl"), sent.Text("format")),
                Is.EqualTo(("www.example.com", "www.example.com,example.com", "192.0.2.1", "86400s", "pem")));
            Assert.That(PemEncoding.Find(sent.Text("csr")!).Label, Is.Not.EqualTo(default(Range)));
        }
    }

    [Test]
    public async Task Without_a_duration_the_role_decides()
    {
        Assert.That((await IssueAsync()).Facts.NotAfter, Is.EqualTo(Time.GetUtcNow().AddDays(30)));
        Assert.That(Vault.Requests[^1].Body.ContainsKey("ttl"), Is.False);
    }

    [Test]
    public async Task A_hostname_that_is_too_long_for_a_common_name_or_an_address_is_a_name_all_the_same()
    {
        _pki.Roles["www"] = new FakePkiRole("example.com") { RequireCommonName = false };
        var name = $"{new string('a', 60)}.example.com";
        await IssueAsync(Request(names: name));
        Assert.That((Vault.Requests[^1].Text("common_name"), Vault.Requests[^1].Text("alt_names")), Is.EqualTo(((string?)null, name)));
        await IssueAsync(Request(names: "192.0.2.1"));
        Assert.That((Vault.Requests[^1].Text("common_name"), Vault.Requests[^1].Text("alt_names"), Vault.Requests[^1].Text("ip_sans")), Is.EqualTo(((string?)null, (string?)null, "192.0.2.1")));
    }

    [Test]
    public async Task A_chain_in_any_order_with_doubles_and_the_root_is_put_right()
    {
        _pki.CaChain = [_root.Pem, _upper.Pem, _issuing.Pem, _upper.Pem];
        Assert.That(Subjects(await IssueAsync()), Is.EqualTo(new[] { "CN=Issuing", "CN=Upper" }));
    }

    [Test]
    public async Task Several_certificates_in_one_text_are_taken_apart()
    {
        _pki.CaChain = [_upper.Pem + _issuing.Pem];
        Assert.That(Subjects(await IssueAsync()), Is.EqualTo(new[] { "CN=Issuing", "CN=Upper" }));
    }

    [Test]
    public async Task The_issuer_alone_is_enough_where_no_more_is_sent()
    {
        _pki.CaChain = null;
        Assert.That(Subjects(await IssueAsync()), Is.EqualTo(new[] { "CN=Issuing" }));
    }

    [Test]
    public async Task A_CA_that_was_signed_by_two_leads_to_one_of_them()
    {
        using var other = TestAuthority.CreateRoot(Time, "Other Root");
        _pki.CaChain = [other.Pem, _issuing.Pem, _upper.Pem, _root.Pem];
        Assert.That(Subjects(await IssueAsync()), Is.EqualTo(new[] { "CN=Issuing", "CN=Upper" }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Other_certificates_of_a_CA_on_the_path_lack_nothing(bool isFirst)
    {
        using var other = TestAuthority.CreateRoot(Time, "Other Root");
        var twin = other.CrossSign(_upper).ExportCertificatePem();
        _pki.CaChain = isFirst ? [twin, _issuing.Pem, _upper.Pem] : [_issuing.Pem, _upper.Pem, twin];
        Assert.That(Subjects(await IssueAsync()), Is.EqualTo(new[] { "CN=Issuing", "CN=Upper" }));

        _pki.CaChain = isFirst ? [twin, _issuing.Pem, _upper.Pem, _root.Pem] : [_issuing.Pem, _upper.Pem, _root.Pem, twin];
        var chain = await IssueAsync();
        Assert.That(chain.Certificates[^1].Issuer, Is.EqualTo("CN=Root"), "the one that leads on");
    }

    [Test]
    public async Task A_chain_with_nothing_in_a_place_is_taken_without_it()
    {
        _pki.CaChain = [_issuing.Pem, null, _upper.Pem];
        Assert.That(Subjects(await IssueAsync()), Is.EqualTo(new[] { "CN=Issuing", "CN=Upper" }));
    }

    [Test]
    public async Task An_intermediate_that_is_missing_is_named_with_the_command_that_mends_it()
    {
        _pki.CaChain = [_issuing.Pem, _root.Pem];
        var refusal = await RefusalAsync(() => IssueAsync());
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, PkiReasons.BrokenChain)));
        Assert.That(refusal.Message, Does.Contain("lacks 'CN=Upper', the issuer of 'CN=Issuing'").And.Contain("pki/intermediate/set-signed"));
    }

    [Test]
    public async Task A_certificate_without_its_issuer_is_not_taken()
    {
        (_pki.IssuingCa, _pki.CaChain) = (null, [_upper.Pem, _root.Pem]);
        Assert.That((await RefusalAsync(() => IssueAsync())).Message, Does.Contain("lacks 'CN=Issuing'"));
        _pki.CaChain = null;
        Assert.That((await RefusalAsync(() => IssueAsync())).Message, Does.Contain("lacks 'CN=Issuing'"));
    }

    [TestCase("www.example.org", "common name www.example.org not allowed by this role")]
    [TestCase("www.example.com www.example.org", "subject alternate name www.example.org not allowed by this role")]
    [TestCase("www.example.com 192.0.2.1", "IP Subject Alternative Names are not allowed in this role")]
    [TestCase("192.0.2.1", "the common_name field is required")]
    public async Task Names_that_the_role_refuses_are_told_in_Vaults_words(string names, string expected)
    {
        _pki.Roles["www"] = new FakePkiRole("example.com") { AllowIpSans = false };
        var refusal = await RefusalAsync(() => IssueAsync(Request(names: names.Split(' '))));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Failed, IssuanceReasons.SigningRequestRefused)));
        Assert.That(refusal.Message, Does.Contain(expected).And.Contain("what pki/roles/www allows"));
        Assert.That(_pki.SignedCount, Is.Zero);
    }

    [Test]
    public async Task A_key_or_a_lifetime_that_is_refused_is_told()
    {
        _pki.Roles["www"] = new FakePkiRole("example.com") { KeyType = "rsa" };
        Assert.That((await RefusalAsync(() => IssueAsync())).Message, Does.Contain("role requires keys of type rsa").And.Contain("spec.key"));
        _pki.Roles["www"] = new FakePkiRole("example.com") { MaxTtl = TimeSpan.FromDays(20_000) };
        Assert.That((await RefusalAsync(() => IssueAsync(Request(duration: 315_360_000 * 3)))).Message, Does.Contain("beyond the expiration of the CA certificate"));
        Assert.That((await RefusalAsync(() => IssueAsync(Request(role: "none")))).Message, Does.Contain("pki/sign/none"));
    }

    [Test]
    public async Task A_lifetime_beyond_the_roles_is_cut_by_Vault()
        => Assert.That((await IssueAsync(Request(duration: 365 * 86_400))).Facts.NotAfter, Is.EqualTo(Time.GetUtcNow().AddDays(90)));

    [Test]
    public async Task A_check_asks_what_is_granted_and_signs_nothing()
    {
        var rows = await new VaultPkiProvider(Clients).CheckAsync(Request(), CancellationToken.None);
        Assert.That(rows.Select(r => (r.Check, r.Subject, r.Passed)), Is.EqualTo(new (string, string?, bool?)[]
        {
            ("Authority", Vault.Address.Authority, true),
            ("Permission", "update on pki/sign/www", true),
            ("Authority", "pki/roles/www", null),
        }));
        Grant(("pki/roles/+", "read"));
        rows = await new VaultPkiProvider(Clients).CheckAsync(Request(role: "none"), CancellationToken.None);
        Assert.That(rows.Select(r => r.Passed), Is.EqualTo(new bool?[] { true, false, false }));
        Assert.That(_pki.SignedCount, Is.Zero);
    }

    [Test]
    public async Task Preparing_logs_in_and_tells_where()
    {
        var provider = new VaultPkiProvider(Clients);
        Assert.That(await provider.PrepareAsync(Request(), CancellationToken.None), Is.EqualTo($"Vault at {Vault.Address.Authority} has let the operator in; role www of pki is to sign."));
        Assert.That(provider.Traits, Is.EqualTo(new ProviderTraits(false, false, false)));
        await provider.CancelAsync(Request(), new RunOrder(), CancellationToken.None);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(1));
    }
}
