using System.Text.Json.Nodes;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.Vault;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Vault;
using CertOperator.TestSupport.Proxies;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Vault;

internal sealed class VaultKvKeysTests : VaultTest
{
    private static readonly KeyWish Wish = new(KeyAlgorithm.Ecdsa, 256, Rotate: true, null);
    private static readonly byte[] Data = [1, 2, 3];

    private FakeKv _kv = null!;

    [SetUp]
    public void Prepare()
    {
        _kv = Vault.Mount("kv", new FakeKv());
        Grant(("kv/data/certs/shop/www", "read,create,update"), ("kv/destroy/certs/shop/www", "update"));
    }

    private VaultKvKeys Keys() => new(Client(), "kv", "certs/shop/www");

    [Test]
    public async Task A_key_is_made_here_written_once_and_read_back()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        var stored = _kv.Secrets["certs/shop/www"].Single()!;
        var signature = await key.SignAsync(Data, CancellationToken.None);
        using var kept = PrivateKeyPair.FromPem(stored["tls.key"]!.GetValue<string>());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(kept.SubjectPublicKeyInfo, Is.EqualTo(key.SubjectPublicKeyInfo));
            Assert.That(key.Exported!.SubjectPublicKeyInfo, Is.EqualTo(key.SubjectPublicKeyInfo));
            Assert.That(key.Reference, Is.EqualTo(new KeyReference { Place = KeyPlaces.VaultKv, Key = $"{Vault.Address}v1/kv/data/certs/shop/www", Version = "1", PublicKeySha256 = KeyReference.Fingerprint(key.SubjectPublicKeyInfo) }));
            Assert.That(Asked, Is.EqualTo(new[] { "GET kv/data/certs/shop/www", "POST kv/data/certs/shop/www", "GET kv/data/certs/shop/www" }));
            Assert.That(Vault.Requests[2].Body["options"]!.ToJsonString(), Is.EqualTo("""{"cas":0}"""));
            Assert.That(Vault.Requests[3].Query["version"], Is.EqualTo("1"));
            Assert.That(KeySignatures.Verify(key.SubjectPublicKeyInfo, Data, signature), Is.True);
        }
    }

    [Test]
    public async Task A_renewal_writes_a_version_and_a_crash_no_second_one()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        var next = Wish with { Current = first.Reference };
        using var second = await Keys().PrepareAsync(next, CancellationToken.None);
        using var again = await Keys().PrepareAsync(next, CancellationToken.None);
        Assert.That((second.Reference!.Version, again.Reference), Is.EqualTo(("2", second.Reference)));
        Assert.That(_kv.Secrets["certs/shop/www"], Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Without_rotation_the_key_in_use_stays()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        using var second = await Keys().PrepareAsync(Wish with { Current = first.Reference }, CancellationToken.None);
        using var kept = await Keys().PrepareAsync(Wish with { Rotate = false, Current = first.Reference }, CancellationToken.None);
        using var latest = await Keys().PrepareAsync(Wish with { Rotate = false }, CancellationToken.None);
        Assert.That((kept.Reference!.Version, latest.Reference!.Version), Is.EqualTo(("1", "2")));
    }

    [Test]
    public async Task A_policy_that_wants_another_key_gets_one()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        using var other = await Keys().PrepareAsync(new KeyWish(KeyAlgorithm.Rsa, 2048, Rotate: false, first.Reference), CancellationToken.None);
        Assert.That((other.Algorithm, other.Size, other.Reference!.Version), Is.EqualTo((KeyAlgorithm.Rsa, 2048, "2")));
    }

    [Test]
    public async Task A_version_that_was_deleted_is_followed_by_the_next()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        _kv.Secrets["certs/shop/www"][0] = null;
        Assert.That(await Keys().OpenAsync(first.Reference!, CancellationToken.None), Is.Null);
        using var next = await Keys().PrepareAsync(Wish with { Current = first.Reference }, CancellationToken.None);
        Assert.That(next.Reference!.Version, Is.EqualTo("2"));
    }

    [Test]
    public async Task A_key_is_opened_again_by_its_reference_and_no_other()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        using var opened = await Keys().OpenAsync(key.Reference!, CancellationToken.None);
        Assert.That(opened!.SubjectPublicKeyInfo, Is.EqualTo(key.SubjectPublicKeyInfo));
        Assert.That(await Keys().OpenAsync(key.Reference! with { Version = "7" }, CancellationToken.None), Is.Null);
        Assert.That(await Keys().OpenAsync(key.Reference! with { PublicKeySha256 = "00" }, CancellationToken.None), Is.Null);
        Assert.That(await Keys().OpenAsync(key.Reference! with { Place = KeyPlaces.VaultTransit }, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Of_two_that_write_one_fails_and_finds_the_others_key_then()
    {
        Vault.Interfere = r =>
        {
            if (r.Method == "POST" && r.Path.StartsWith("kv/data", StringComparison.Ordinal) && !_kv.Secrets.ContainsKey("certs/shop/www"))
            {
                using var other = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
                _kv.Secrets["certs/shop/www"] = [new JsonObject { ["tls.key"] = other.ToPkcs8Pem() }];
            }

            return null;
        };
        var refusal = await RefusalAsync(() => Keys().PrepareAsync(Wish, CancellationToken.None));
        Assert.That(refusal.Failure, Is.EqualTo(IssuanceFailure.Transient));
        Assert.That(refusal.Message, Does.Contain("check-and-set parameter did not match"));
        using var found = await Keys().PrepareAsync(Wish, CancellationToken.None);
        Assert.That(found.Reference!.Version, Is.EqualTo("1"));
    }

    [TestCase("""{"password":"x"}""", "has no tls.key")]
    [TestCase("""{"tls.key":7}""", "has no tls.key")]
    [TestCase("""{"tls.key":"nonsense"}""", "is no key that can be used")]
    public async Task What_somebody_else_keeps_there_is_left_alone(string json, string expected)
    {
        _kv.Secrets["certs/shop/www"] = [JsonNode.Parse(json)!.AsObject()];
        var refusal = await RefusalAsync(() => Keys().PrepareAsync(Wish, CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultKeyReasons.KeyNotUsable)));
        Assert.That(refusal.Message, Does.Contain(expected).And.Contain("keyName").And.Not.Contain("nonsense"));
        Assert.That(_kv.Secrets["certs/shop/www"], Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_engine_of_version_1_is_recognised()
    {
        Vault.Interfere = r => !r.Path.StartsWith("kv/", StringComparison.Ordinal) ? null
            : r.Method == "GET" ? ProxiedAnswer.Of(404, "application/json", """{"errors":[]}""") : ProxiedAnswer.Of(204, "application/json", "");
        var refusal = await RefusalAsync(() => Keys().PrepareAsync(Wish, CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultReasons.NothingMounted)));
        Assert.That(refusal.Message, Does.Contain("no KV engine of version 2"));
    }

    [Test]
    public async Task The_first_key_needs_create_and_the_message_says_so()
    {
        Grant(("kv/data/certs/shop/www", "read,update"));
        var refusal = await RefusalAsync(() => Keys().PrepareAsync(Wish, CancellationToken.None));
        Assert.That(refusal.Message, Does.EndWith("path \"kv/data/certs/shop/www\" { capabilities = [\"create\"] }"));
        var rows = await Keys().CheckAsync(Wish, CancellationToken.None);
        Assert.That(rows.Where(r => r.Granted == false).Select(r => r.Permission), Is.EqualTo(new[] { "create on kv/data/certs/shop/www" }));
    }

    [Test]
    public async Task Keys_that_nobody_needs_are_destroyed()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        using var second = await Keys().PrepareAsync(Wish with { Current = first.Reference }, CancellationToken.None);
        await Keys().RetireBeforeAsync(second.Reference!, CancellationToken.None);
        Assert.That(_kv.Secrets["certs/shop/www"].Select(v => v is null), Is.EqualTo(new[] { true, false }));
        Assert.That(Vault.Requests[^1].Body.ToJsonString(), Is.EqualTo("""{"versions":[1]}"""));

        Grant(("kv/data/certs/shop/www", "read"));
        await Keys().RetireBeforeAsync(second.Reference!, CancellationToken.None);
        Vault.IsSealed = true;
        await Keys().RetireBeforeAsync(second.Reference!, CancellationToken.None);
    }

    [Test]
    public async Task The_key_in_use_is_known_by_its_public_key_where_the_address_has_changed()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        using var next = await Keys().PrepareAsync(Wish with { Current = first.Reference! with { Key = "https://vault.example/v1/kv/data/certs/shop/www" } }, CancellationToken.None);
        Assert.That(next.Reference!.Version, Is.EqualTo("2"));
    }

    [Test]
    public async Task A_key_that_cannot_be_read_back_yet_is_asked_for_again()
    {
        Vault.Interfere = r => r.Query.ContainsKey("version") ? ProxiedAnswer.Of(404, "application/json", """{"errors":[]}""") : null;
        var refusal = await RefusalAsync(() => Keys().PrepareAsync(Wish, CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, IssuanceReasons.ServerError)));
        Vault.Interfere = _ => null;
        using var found = await Keys().PrepareAsync(Wish, CancellationToken.None);
        Assert.That(found.Reference!.Version, Is.EqualTo("1"));
    }

    [Test]
    public async Task A_key_that_is_no_text_is_none()
    {
        Vault.Interfere = r => r.Path.StartsWith("kv/", StringComparison.Ordinal) ? ProxiedAnswer.Of(200, "application/json", """{"data":{"data":{"tls.key":"\ud800"},"metadata":{"version":1}}}""") : null;
        Assert.That((await RefusalAsync(() => Keys().PrepareAsync(Wish, CancellationToken.None))).Message, Does.Contain("has no tls.key"));
    }
}
