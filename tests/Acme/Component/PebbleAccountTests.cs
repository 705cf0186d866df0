using System.Security.Cryptography;
using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Component;

[Category("Component")]
public sealed class PebbleAccountTests
{
    // RFC 7515 appendix A.1 has this key; any 64 bytes do.
    private const string MacKey = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    private static readonly NewAccountRequest Agreed = new() { TermsOfServiceAgreed = true };

    private PebbleFixture _pebble = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _pebble = await PebbleFixture.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await _pebble.DisposeAsync();

    [Test]
    public async Task An_account_is_created_once_and_found_by_its_key_afterwards()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var none = await Assert.ThrowsAsync<AcmeProblemException>(
            () => _pebble.Client.CreateAccountAsync(key, new NewAccountRequest { OnlyReturnExisting = true }, default));

        var created = await _pebble.Client.CreateAccountAsync(key, Agreed with { Contacts = ["mailto:ops@example.com"] }, default);
        using var sameKey = AccountKey.FromPem(key.ToPkcs8Pem());
        var found = await _pebble.Client.CreateAccountAsync(sameKey, new NewAccountRequest { OnlyReturnExisting = true }, default);
        var read = await _pebble.Client.Account(sameKey, found.Url).GetAsync(default);

        Assert.Multiple(() =>
        {
            Assert.That(none!.Kind, Is.EqualTo(AcmeErrorKind.AccountDoesNotExist));
            Assert.That(created.Created, Is.True);
            Assert.That(found.Created, Is.False);
            Assert.That(found.Url, Is.EqualTo(created.Url));
            Assert.That(read.Contacts, Is.EqualTo(new[] { "mailto:ops@example.com" }));
            Assert.That(read.Status, Is.EqualTo(AccountStatus.Valid));
            Assert.That(read.Orders, Is.Not.Null);
        });
    }

    [Test]
    public void Terms_that_were_not_agreed_to_are_refused() =>
        Assert.That(
            async () =>
            {
                using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
                await _pebble.Client.CreateAccountAsync(key, new NewAccountRequest(), default);
            },
            Throws.InstanceOf<AcmeProblemException>());

    [Test]
    public async Task Contacts_are_replaced()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var account = await _pebble.NewAccountAsync(key);

        await account.UpdateAsync(["mailto:first@example.com", "mailto:second@example.com"], default);
        var read = await account.GetAsync(default);

        Assert.That(read.Contacts, Is.EqualTo(new[] { "mailto:first@example.com", "mailto:second@example.com" }));
    }

    [TestCase(AccountKeyAlgorithm.ES256, AccountKeyAlgorithm.ES384)]
    [TestCase(AccountKeyAlgorithm.RS256, AccountKeyAlgorithm.ES256)]
    public async Task A_key_is_rolled_over_and_the_old_one_is_worth_nothing_afterwards(AccountKeyAlgorithm from, AccountKeyAlgorithm to)
    {
        using var oldKey = AccountKey.Create(from);
        using var newKey = AccountKey.Create(to);
        var account = await _pebble.NewAccountAsync(oldKey);

        await account.RollOverKeyAsync(newKey, default);

        var renewed = await _pebble.Client.Account(newKey, account.Url).GetAsync(default);
        Assert.That(renewed.Status, Is.EqualTo(AccountStatus.Valid));
        await Assert.ThrowsAsync<AcmeProblemException>(() => account.GetAsync(default));
    }

    [Test]
    public async Task A_deactivated_account_is_of_no_more_use()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var account = await _pebble.NewAccountAsync(key);

        var deactivated = await account.DeactivateAsync(default);
        var refused = await Assert.ThrowsAsync<AcmeProblemException>(() => account.NewOrderAsync(Issuance.OrderFor("late.example.com"), default));

        Assert.Multiple(() =>
        {
            Assert.That(deactivated.Status, Is.EqualTo(AccountStatus.Deactivated));
            Assert.That(refused!.Kind, Is.EqualTo(AcmeErrorKind.Unauthorized));
        });
    }

    [Test]
    public async Task A_certificate_is_revoked_by_its_account_or_by_its_own_key_and_only_once()
    {
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var byAccount = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var byKey = RSA.Create(2048);
        var account = await _pebble.NewAccountAsync(key);
        using var first = Issuance.Leaf((await Issuance.IssueAsync(account, key, _pebble.Answers, byAccount, "revoked-1.example.com")).Chain);
        using var second = Issuance.Leaf((await Issuance.IssueAsync(account, key, _pebble.Answers, byKey, "revoked-2.example.com")).Chain);
        using var certificateKey = AccountKey.FromPem(byKey.ExportPkcs8PrivateKeyPem());

        await account.RevokeCertificateAsync(first.RawData, RevocationReason.Superseded, default);
        await _pebble.Client.RevokeCertificateAsync(certificateKey, second.RawData, reason: null, default);
        var again = await Assert.ThrowsAsync<AcmeProblemException>(() => account.RevokeCertificateAsync(first.RawData, RevocationReason.KeyCompromise, default));

        var statuses = new[] { await _pebble.Pebble.GetCertificateStatusAsync(first.SerialNumber), await _pebble.Pebble.GetCertificateStatusAsync(second.SerialNumber) };
        Assert.Multiple(() =>
        {
            Assert.That(statuses, Has.All.Contains("Revoked"));
            Assert.That(again!.Kind, Is.EqualTo(AcmeErrorKind.AlreadyRevoked));
        });
    }

    [Test]
    public async Task External_account_binding_is_asked_for_and_accepted_in_every_spelling_of_the_key()
    {
        var mac = Convert.FromBase64String(MacKey.Replace('-', '+').Replace('_', '/') + "==");
        await using var pebble = await PebbleFixture.StartAsync(
            new PebbleOptions { Strict = true, ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = MacKey } });
        (string Key, MacAlgorithm Algorithm)[] spellings =
        [
            (MacKey, MacAlgorithm.HS256), (MacKey + "==", MacAlgorithm.HS384), ($" {Convert.ToBase64String(mac)}\n", MacAlgorithm.HS512),
        ];

        using var unbound = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var without = await Assert.ThrowsAsync<AcmeProblemException>(() => pebble.Client.CreateAccountAsync(unbound, Agreed, default));
        var wrongBinding = ExternalAccountBinding.Create("kid-1", "d3Jvbmc");
        var wrong = await Assert.ThrowsAsync<AcmeProblemException>(
            () => pebble.Client.CreateAccountAsync(unbound, Agreed with { ExternalAccountBinding = wrongBinding }, default));

        Assert.That(without!.Kind, Is.EqualTo(AcmeErrorKind.ExternalAccountRequired));
        Assert.That(wrong!.Kind, Is.EqualTo(AcmeErrorKind.Unauthorized));
        Assert.That((await pebble.Client.GetDirectoryAsync(default)).Meta.ExternalAccountRequired, Is.True);
        foreach (var (spelling, algorithm) in spellings)
        {
            using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
            var binding = ExternalAccountBinding.Create("kid-1", spelling, algorithm);
            var created = await pebble.Client.CreateAccountAsync(key, Agreed with { ExternalAccountBinding = binding }, default);
            Assert.That(created.Created, Is.True, algorithm.ToString());
        }
    }

    [Test]
    public async Task A_ca_that_forgot_everything_says_so_by_kind()
    {
        await using var pebble = await PebbleFixture.StartAsync();
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var account = await pebble.NewAccountAsync(key);
        var order = await account.NewOrderAsync(Issuance.OrderFor("forgotten.example.com"), default);

        await pebble.Pebble.RestartAsync();
        var accountGone = await Assert.ThrowsAsync<AcmeProblemException>(() => account.GetOrderAsync(order.Url, default));
        var again = await pebble.NewAccountAsync(key);
        var orderGone = await Assert.ThrowsAsync<AcmeProblemException>(() => again.GetOrderAsync(order.Url, default));

        Assert.Multiple(() =>
        {
            Assert.That(accountGone!.Kind, Is.EqualTo(AcmeErrorKind.AccountDoesNotExist));
            Assert.That(orderGone!.Kind, Is.EqualTo(AcmeErrorKind.NotFound));
        });
    }

    [Test]
    public async Task A_server_that_is_not_trusted_or_not_there_is_a_transport_failure()
    {
        using var http = new HttpClient();
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        using var untrusting = new AcmeClient(http, _pebble.Pebble.DirectoryUrl, new AcmeClientOptions(), TimeProvider.System, _pebble.Requests);
        using var nobody = new AcmeClient(
            http, new Uri($"https://127.0.0.1:{FreePort.Next()}/dir"), new AcmeClientOptions(), TimeProvider.System, _pebble.Requests);

        var untrusted = await Assert.ThrowsAsync<AcmeTransportException>(() => untrusting.CreateAccountAsync(key, Agreed, default));
        var absent = await Assert.ThrowsAsync<AcmeTransportException>(() => nobody.CreateAccountAsync(key, Agreed, default));

        Assert.Multiple(() =>
        {
            Assert.That(untrusted!.Failure, Is.EqualTo(AcmeTransportFailure.Tls));
            Assert.That(absent!.Failure, Is.EqualTo(AcmeTransportFailure.Connection));
            Assert.That(_pebble.Requests.Entries, Has.Some.Matches<Fakes.RequestLog.Entry>(e => e is { Action: AcmeActions.Directory, Status: 0 }));
        });
    }
}
