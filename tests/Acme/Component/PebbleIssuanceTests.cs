using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CertOperator.Acme.Tests.Fakes;
using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Component;

[Category("Component")]
public sealed class PebbleIssuanceTests
{
    private PebbleFixture _pebble = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _pebble = await PebbleFixture.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _pebble.DisposeAsync();

    [TestCase(AccountKeyAlgorithm.ES256)]
    [TestCase(AccountKeyAlgorithm.ES384)]
    [TestCase(AccountKeyAlgorithm.RS256)]
    public async Task An_account_with_any_key_gets_a_certificate_over_http_01(AccountKeyAlgorithm algorithm)
    {
        using var key = AccountKey.Create(algorithm);
        using var certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var account = await _pebble.NewAccountAsync(key);

        var (order, chain) = await Issuance.IssueAsync(account, key, _pebble.Answers, certificateKey, "one.example.com", "two.example.com");

        using var leaf = Issuance.Leaf(chain);
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames();
        Assert.Multiple(() =>
        {
            Assert.That(order.Status, Is.EqualTo(OrderStatus.Valid));
            Assert.That(names, Is.EquivalentTo(new[] { "one.example.com", "two.example.com" }));
            Assert.That(leaf.PublicKey.ExportSubjectPublicKeyInfo(), Is.EqualTo(certificateKey.ExportSubjectPublicKeyInfo()));
            Assert.That(chain.Pem.Split("-----BEGIN CERTIFICATE-----"), Has.Length.GreaterThan(2), "the intermediate follows the leaf");
            Assert.That(CertificateId.TryFrom(leaf), Is.Not.Null);
        });
    }

    [Test]
    public async Task An_ip_address_is_certified_too()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var certificateKey = RSA.Create(2048);
        var account = await _pebble.NewAccountAsync(key);

        var (order, _) = await Issuance.IssueAsync(account, key, _pebble.Answers, certificateKey, "127.0.0.1");

        Assert.That(order.Identifiers, Is.EqualTo(new[] { new AcmeIdentifier("ip", "127.0.0.1") }));
    }

    [Test]
    public async Task A_wildcard_is_certified_over_dns_01()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var account = await _pebble.NewAccountAsync(key);
        var order = await account.NewOrderAsync(Issuance.OrderFor("*.wild.example.com"), default);
        var authorization = await account.GetAuthorizationAsync(order.Authorizations.Single(), default);
        var challenge = authorization.Challenges.Single(c => c.Type == AcmeChallenge.Dns01);
        await _pebble.Pebble.Dns.SetTextAsync("_acme-challenge.wild.example.com.", KeyAuthorization.Dns01Value(KeyAuthorization.For(challenge.Token!, key)));

        await account.AnswerChallengeAsync(challenge.Url, default);
        order = await Issuance.SettledAsync(account, order, OrderStatus.Pending);

        Assert.Multiple(() =>
        {
            Assert.That(authorization.Wildcard, Is.True);
            Assert.That(authorization.Identifier, Is.EqualTo(AcmeIdentifier.Dns("wild.example.com")));
            Assert.That(order.Status, Is.EqualTo(OrderStatus.Ready));
        });
    }

    [Test]
    public async Task An_issuance_makes_no_request_too_many()
    {
        var log = new RequestLog();
        using var client = _pebble.NewClient(log);
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var created = await client.CreateAccountAsync(key, new NewAccountRequest { TermsOfServiceAgreed = true }, default);
        var account = client.Account(key, created.Url);

        for (var i = 0; i < 3; i++)
        {
            await Issuance.IssueAsync(account, key, _pebble.Answers, certificateKey, $"counted-{i}.example.com");
        }

        Assert.Multiple(() =>
        {
            Assert.That(log.Count(AcmeActions.Directory), Is.EqualTo(1));
            Assert.That(log.Count(AcmeActions.NewNonce), Is.EqualTo(1), "every response feeds the pool");
            Assert.That(log.Count(AcmeActions.NewOrder), Is.EqualTo(3));
            Assert.That(log.Count(AcmeActions.Authorization), Is.EqualTo(3));
            Assert.That(log.Count(AcmeActions.Challenge), Is.EqualTo(3));
            Assert.That(log.Count(AcmeActions.Finalize), Is.EqualTo(3));
            Assert.That(log.Count(AcmeActions.Certificate), Is.EqualTo(3));
            Assert.That(log.Entries, Has.All.Matches<RequestLog.Entry>(e => e is { Host: "127.0.0.1", Status: 200 or 201 }));
        });
    }

    [Test]
    public async Task A_challenge_without_an_answer_makes_authorization_and_order_invalid_with_a_reason()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var account = await _pebble.NewAccountAsync(key);
        var order = await account.NewOrderAsync(Issuance.OrderFor("unanswered.example.com"), default);
        var authorization = await account.GetAuthorizationAsync(order.Authorizations[0], default);

        await account.AnswerChallengeAsync(authorization.Challenges.Single(c => c.Type == AcmeChallenge.Http01).Url, default);
        order = await Issuance.SettledAsync(account, order, OrderStatus.Pending);
        authorization = await account.GetAuthorizationAsync(order.Authorizations[0], default);

        var failed = authorization.Challenges.Single(c => c.Type == AcmeChallenge.Http01);
        Assert.Multiple(() =>
        {
            Assert.That(order.Status, Is.EqualTo(OrderStatus.Invalid));
            Assert.That(authorization.Status, Is.EqualTo(AuthorizationStatus.Invalid));
            Assert.That(failed.Status, Is.EqualTo(ChallengeStatus.Invalid));
            Assert.That(failed.Error!.Kind, Is.EqualTo(AcmeErrorKind.Unauthorized));
            Assert.That(failed.Error.Detail, Is.Not.Empty);
        });
    }

    [Test]
    public async Task What_the_ca_refuses_has_a_typed_reason()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var account = await _pebble.NewAccountAsync(key);

        var blocked = await Assert.ThrowsAsync<AcmeProblemException>(() => account.NewOrderAsync(Issuance.OrderFor("blocked-domain.example"), default));
        var pending = await account.NewOrderAsync(Issuance.OrderFor("early.example.com"), default);
        var early = await Assert.ThrowsAsync<AcmeProblemException>(
            () => account.FinalizeAsync(pending, Issuance.Csr(certificateKey, "early.example.com"), default));
        var ready = await Issuance.AuthorizeAsync(account, key, _pebble.Answers, pending);
        var otherName = await Assert.ThrowsAsync<AcmeProblemException>(
            () => account.FinalizeAsync(ready, Issuance.Csr(certificateKey, "other.example.com"), default));

        Assert.Multiple(() =>
        {
            Assert.That(blocked!.Kind, Is.EqualTo(AcmeErrorKind.RejectedIdentifier));
            Assert.That(early!.Kind, Is.EqualTo(AcmeErrorKind.OrderNotReady));
            Assert.That(otherName!.Kind, Is.EqualTo(AcmeErrorKind.Unauthorized));
        });
    }

    [Test]
    public async Task A_deactivated_authorization_ends_its_order()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var account = await _pebble.NewAccountAsync(key);
        var order = await account.NewOrderAsync(Issuance.OrderFor("given-back.example.com"), default);

        var authorization = await account.DeactivateAuthorizationAsync(order.Authorizations[0], default);
        order = await account.GetOrderAsync(order.Url, default);

        Assert.Multiple(() =>
        {
            Assert.That(authorization.Status, Is.EqualTo(AuthorizationStatus.Deactivated));
            Assert.That(order.Status, Is.EqualTo(OrderStatus.Invalid));
        });
    }

    [Test]
    public async Task Random_bad_nonces_do_not_stop_an_issuance()
    {
        await using var pebble = await PebbleFixture.StartAsync(new PebbleOptions { Strict = true, NonceRejectPercent = 60 });
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Sixty percent ten times in a row happens; a bound of a hundred leaves nothing to chance.
        using var http = pebble.Pebble.CreateHttpClient();
        using var client = new AcmeClient(
            http, pebble.Pebble.DirectoryUrl, new AcmeClientOptions { MaxBadNonceRetries = 100 }, TimeProvider.System, pebble.Requests);
        var created = await client.CreateAccountAsync(key, new NewAccountRequest { TermsOfServiceAgreed = true }, default);

        var account = client.Account(key, created.Url);
        var (order, _) = await Issuance.IssueAsync(account, key, pebble.Answers, certificateKey, "nonces.example.com");

        // All the requests of one issuance may be lucky.
        for (var i = 0; i < 50 && pebble.Requests.Entries.All(e => e.Status != 400); i++)
        {
            (order, _) = await Issuance.IssueAsync(account, key, pebble.Answers, certificateKey, $"nonces-{i}.example.com");
        }

        Assert.Multiple(() =>
        {
            Assert.That(order.Status, Is.EqualTo(OrderStatus.Valid));
            Assert.That(pebble.Requests.Entries, Has.Some.Matches<RequestLog.Entry>(e => e!.Status == 400), "some were refused");
            Assert.That(pebble.Requests.Count(AcmeActions.NewNonce), Is.EqualTo(1), "the refusal itself brings the next nonce");
        });
    }

    [Test]
    public async Task Alternate_chains_are_offered_and_differ()
    {
        await using var pebble = await PebbleFixture.StartAsync(new PebbleOptions { Strict = true, AlternateRoots = 2 });
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var certificateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var account = await pebble.NewAccountAsync(key);

        var (order, chain) = await Issuance.IssueAsync(account, key, pebble.Answers, certificateKey, "chains.example.com");
        List<AcmeCertificateChain> chains = [chain];
        foreach (var alternate in chain.Alternates)
        {
            chains.Add(await account.DownloadCertificateAsync(alternate, default));
        }

        Assert.Multiple(() =>
        {
            Assert.That(chains, Has.Count.EqualTo(3));
            Assert.That(chains.Select(c => c.Pem).Distinct().Count(), Is.EqualTo(3));
            Assert.That(chain.Alternates, Has.None.EqualTo(order.Certificate));
        });
    }
}
