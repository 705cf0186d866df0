using System.Net;
using System.Security.Cryptography;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.Vault;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Vault;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Vault;

internal sealed class VaultTransitKeysTests : VaultTest
{
    private static readonly byte[] Data = [1, 2, 3];
    private static readonly KeyWish Wish = new(KeyAlgorithm.Ecdsa, 256, Rotate: true, null);

    private FakeTransit _transit = null!;

    [SetUp]
    public void Prepare()
    {
        _transit = Vault.Mount("team/transit", new FakeTransit());
        Grant(
            ("team/transit/keys/shop.www", "read,update"),
            ("team/transit/keys/shop.www/rotate", "update"),
            ("team/transit/keys/shop.www/config", "update"),
            ("team/transit/sign/shop.www", "update"));
    }

    private VaultTransitKeys Keys() => new(Client(), "team/transit", "shop.www");

    private async Task<IssuanceException> PrepareRefusedAsync(KeyWish? wish = null) => await RefusalAsync(() => Keys().PrepareAsync(wish ?? Wish, CancellationToken.None));

    [TestCase(KeyAlgorithm.Ecdsa, 256, "ecdsa-p256", "id-ecPublicKey", "ecdsa-with-SHA256")]
    [TestCase(KeyAlgorithm.Ecdsa, 384, "ecdsa-p384", "id-ecPublicKey", "ecdsa-with-SHA384")]
    [TestCase(KeyAlgorithm.Rsa, 2048, "rsa-2048", "rsaEncryption", "sha256WithRSAEncryption")]
    [TestCase(KeyAlgorithm.Rsa, 3072, "rsa-3072", "rsaEncryption", "sha256WithRSAEncryption")]
    [TestCase(KeyAlgorithm.Rsa, 4096, "rsa-4096", "rsaEncryption", "sha256WithRSAEncryption")]
    public async Task A_request_that_is_signed_in_Transit_verifies_with_openssl(KeyAlgorithm algorithm, int size, string type, string key, string signature)
    {
        using var made = await Keys().PrepareAsync(Wish with { Algorithm = algorithm, Size = size }, CancellationToken.None);
        var request = await CertificateSigningRequests.CreateDerAsync(made, "www.example.com", ["www.example.com", "example.com"], [IPAddress.Parse("192.0.2.1")], CancellationToken.None);
        var seen = await ToolProcess.RunAsync("openssl", ["req", "-verify", "-text", "-noout"], new ToolOptions { Input = PemEncoding.WriteString("CERTIFICATE REQUEST", request) });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen.Output + seen.Error, Does.Contain("verify OK").And.Contain(key).And.Contain(signature).And.Contain("DNS:example.com").And.Contain("192.0.2.1"));
            Assert.That(_transit.Keys["shop.www"].Type, Is.EqualTo(type));
            Assert.That(_transit.Keys["shop.www"].Exportable, Is.False);
            Assert.That(made.Exported, Is.Null);
            Assert.That(made.Reference, Is.EqualTo(new KeyReference
            {
                Place = KeyPlaces.VaultTransit,
                Key = $"{Vault.Address}v1/team/transit/keys/shop.www",
                Version = "1",
                PublicKeySha256 = KeyReference.Fingerprint(made.SubjectPublicKeyInfo),
            }));
        }
    }

    [Test]
    public async Task The_whole_conversation_is_the_documented_one()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        await key.SignAsync(Data, CancellationToken.None);
        Assert.That(Asked, Is.EqualTo(new[] { "GET team/transit/keys/shop.www", "POST team/transit/keys/shop.www", "GET team/transit/keys/shop.www", "POST team/transit/sign/shop.www" }));
        Assert.That(Vault.Requests[2].Body.ToJsonString(), Is.EqualTo("""{"type":"ecdsa-p256","exportable":false}"""));
        Assert.That(
            Vault.Requests[^1].Body.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal),
            Is.EqualTo($$"""{"input":"{{Convert.ToBase64String(SHA256.HashData(Data))}}","prehashed":true,"hash_algorithm":"sha2-256","key_version":1,"marshaling_algorithm":"asn1"}"""));
    }

    [Test]
    public async Task A_renewal_makes_a_version_and_a_crash_no_second_one()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        var next = Wish with { Current = first.Reference };
        using var second = await Keys().PrepareAsync(next, CancellationToken.None);
        using var again = await Keys().PrepareAsync(next, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(second.Reference!.Version, Is.EqualTo("2"));
            Assert.That(again.Reference, Is.EqualTo(second.Reference));
            Assert.That(second.SubjectPublicKeyInfo, Is.Not.EqualTo(first.SubjectPublicKeyInfo));
        }
    }

    [Test]
    public async Task Without_rotation_the_version_in_use_stays_also_where_there_is_a_later_one()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        _transit.Keys["shop.www"].Rotate();
        using var kept = await Keys().PrepareAsync(Wish with { Rotate = false, Current = first.Reference }, CancellationToken.None);
        Assert.That(kept.Reference, Is.EqualTo(first.Reference));

        _transit.Keys["shop.www"].MinEncryptionVersion = 2;
        using var later = await Keys().PrepareAsync(Wish with { Rotate = false, Current = first.Reference }, CancellationToken.None);
        Assert.That(later.Reference!.Version, Is.EqualTo("2"), "one that may not sign any more is of no use");
    }

    [Test]
    public async Task A_signature_is_that_of_the_version_that_was_prepared_whatever_is_the_latest()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        _transit.Keys["shop.www"].Rotate();
        var signature = await key.SignAsync(Data, CancellationToken.None);
        Assert.That(((ECDsa)_transit.Keys["shop.www"].Versions[1]!).VerifyData(Data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence), Is.True);
    }

    [Test]
    public async Task A_key_is_opened_again_by_its_reference_and_no_other()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        using (var opened = await Keys().OpenAsync(key.Reference!, CancellationToken.None))
        {
            Assert.That(opened!.Reference, Is.EqualTo(key.Reference));
        }

        foreach (var other in new[]
        {
            key.Reference! with { Version = "2" },
            key.Reference with { Version = "x" },
            key.Reference with { Version = null },
            key.Reference with { Key = key.Reference.Key + "2" },
            key.Reference with { Place = KeyPlaces.AwsKms },
            key.Reference with { PublicKeySha256 = new string('0', 64) },
        })
        {
            Assert.That(await Keys().OpenAsync(other, CancellationToken.None), Is.Null, other.ToString());
        }
    }

    [Test]
    public async Task A_key_that_was_deleted_and_made_again_is_another_one()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        _transit.Keys["shop.www"] = FakeTransitKey.Create("ecdsa-p256");
        Assert.That(await Keys().OpenAsync(key.Reference!, CancellationToken.None), Is.Null);
        using var next = await Keys().PrepareAsync(Wish with { Current = key.Reference }, CancellationToken.None);
        Assert.That(next.Reference!.Version, Is.EqualTo("1"), "no certificate uses it yet");
    }

    [TestCase("aes256-gcm96")]
    [TestCase("ecdsa-p384")]
    [TestCase("rsa-2048")]
    public async Task A_key_of_another_type_needs_a_person(string type)
    {
        _transit.Keys["shop.www"] = FakeTransitKey.Create(type);
        var refusal = await PrepareRefusedAsync();
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultKeyReasons.WrongKeySpec)));
        Assert.That(refusal.Message, Does.Contain($"is of type {type}, and the policy wants ecdsa-p256").And.Contain("spec.keyBackendConfig.vault.keyName"));
        Assert.That((await Keys().CheckAsync(Wish, CancellationToken.None))[0].Granted, Is.False);
    }

    [Test]
    public async Task A_signature_that_the_key_did_not_make_is_never_used()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        _transit.Spoil = s => [.. s[..^1], (byte)(s[^1] ^ 1)];
        var refusal = await RefusalAsync(() => key.SignAsync(Data, CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultKeyReasons.SignatureMismatch)));
    }

    [TestCase("vault:v2:AAAA")]
    [TestCase("vault:v1:not base64")]
    [TestCase("vault:v1:")]
    [TestCase("")]
    public async Task What_is_no_signature_of_that_version_is_never_used(string text)
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        Vault.Interfere = r => r.Path.Contains("/sign/", StringComparison.Ordinal) ? ProxiedAnswer.Of(200, "application/json", $$"""{"data":{"signature":"{{text}}" } }""") : null;
        Assert.That((await RefusalAsync(() => key.SignAsync(Data, CancellationToken.None))).Reason, Is.EqualTo(VaultKeyReasons.SignatureMismatch));
    }

    [Test]
    public async Task A_key_that_was_deleted_in_the_middle_is_told()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        _transit.Keys.Clear();
        var refusal = await RefusalAsync(() => key.SignAsync(Data, CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultKeyReasons.KeyNotFound)));
        Assert.That(refusal.Message, Does.Contain("has been deleted").And.Contain("backup"));
    }

    [Test]
    public async Task A_version_that_was_retired_in_the_middle_is_told()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        _transit.Keys["shop.www"].Rotate();
        _transit.Keys["shop.www"].MinEncryptionVersion = 2;
        var refusal = await RefusalAsync(() => key.SignAsync(Data, CancellationToken.None));
        Assert.That(refusal.Reason, Is.EqualTo(VaultKeyReasons.KeyNotUsable));
        Assert.That(refusal.Message, Does.Contain("Version 1").And.Contain("min_encryption_version"));
    }

    [Test]
    public async Task A_token_that_is_revoked_in_the_middle_costs_nothing()
    {
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        Vault.Tokens.RevokeAll();
        var signature = await key.SignAsync(Data, CancellationToken.None);
        Assert.That(KeySignatures.Verify(key.SubjectPublicKeyInfo, Data, signature), Is.True);
        Assert.That(Vault.Tokens.Logins, Is.EqualTo(2));
    }

    [Test]
    public async Task Signing_that_is_not_granted_names_the_path_and_the_capability()
    {
        Grant(("team/transit/keys/shop.www", "read,update"));
        using var key = await Keys().PrepareAsync(Wish, CancellationToken.None);
        var refusal = await RefusalAsync(() => key.SignAsync(Data, CancellationToken.None));
        Assert.That(refusal.Message, Does.EndWith("path \"team/transit/sign/shop.www\" { capabilities = [\"update\"] }"));
    }

    [Test]
    public async Task A_mount_that_is_not_there_is_told_from_a_key_that_is_not()
    {
        Grant(("nowhere/*", "read,update"));
        var refusal = await RefusalAsync(() => new VaultTransitKeys(Client(), "nowhere", "www").PrepareAsync(Wish, CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultReasons.NothingMounted)));
    }

    [Test]
    public async Task Versions_that_nobody_needs_can_no_longer_sign_and_limits_are_never_lowered()
    {
        _transit.Keys["shop.www"] = FakeTransitKey.Create("ecdsa-p256");
        _transit.Keys["shop.www"].Rotate();
        _transit.Keys["shop.www"].Rotate();
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        var second = await ReferenceOfAsync(2);
        await Keys().RetireBeforeAsync(second, CancellationToken.None);
        Assert.That((_transit.Keys["shop.www"].MinDecryptionVersion, _transit.Keys["shop.www"].MinEncryptionVersion), Is.EqualTo((2, 2)));

        _transit.Keys["shop.www"].MinEncryptionVersion = 3;
        var before = Vault.Requests.Count;
        await Keys().RetireBeforeAsync(second, CancellationToken.None);
        Assert.That(Vault.Requests.Skip(before).Select(r => r.Method), Is.EqualTo(new[] { "GET" }), "there is nothing left to do");
    }

    [Test]
    public async Task Retiring_is_left_out_where_it_is_not_granted()
    {
        Grant(("team/transit/keys/shop.www", "read,update"));
        _transit.Keys["shop.www"] = FakeTransitKey.Create("ecdsa-p256");
        _transit.Keys["shop.www"].Rotate();
        using var latest = await Keys().PrepareAsync(Wish, CancellationToken.None);
        await Keys().RetireBeforeAsync(latest.Reference!, CancellationToken.None);
        Assert.That(_transit.Keys["shop.www"].MinDecryptionVersion, Is.EqualTo(1));
    }

    [TestCase("keys/shop.www/config")]
    [TestCase("keys/shop.www")]
    public async Task Retiring_holds_up_no_run_whatever_Vault_answers(string path)
    {
        _transit.Keys["shop.www"] = FakeTransitKey.Create("ecdsa-p256");
        _transit.Keys["shop.www"].Rotate();
        using var latest = await Keys().PrepareAsync(Wish, CancellationToken.None);
        Vault.Interfere = r => r.Path.EndsWith(path, StringComparison.Ordinal) ? ProxiedAnswer.Of(500, "application/json", """{"errors":["internal error"]}""") : null;
        await Keys().RetireBeforeAsync(latest.Reference!, CancellationToken.None);
        Vault.Interfere = _ => null;
        Assert.That(_transit.Keys["shop.www"].MinDecryptionVersion, Is.EqualTo(1));
    }

    [Test]
    public async Task The_version_in_use_is_known_by_its_public_key_where_the_address_has_changed()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        var moved = first.Reference! with { Key = "https://vault.example/v1/team/transit/keys/shop.www" };
        using (var kept = await Keys().PrepareAsync(Wish with { Rotate = false, Current = moved }, CancellationToken.None))
        {
            Assert.That(kept.Reference, Is.EqualTo(first.Reference));
        }

        using var next = await Keys().PrepareAsync(Wish with { Current = moved }, CancellationToken.None);
        Assert.That(next.Reference!.Version, Is.EqualTo("2"));
        await Keys().RetireBeforeAsync(next.Reference with { Key = moved.Key }, CancellationToken.None);
        Assert.That(_transit.Keys["shop.www"].MinEncryptionVersion, Is.EqualTo(2));
    }

    [Test]
    public async Task An_answer_from_before_the_rotation_is_asked_for_again()
    {
        using var first = await Keys().PrepareAsync(Wish, CancellationToken.None);
        Vault.Interfere = r => r.Path.EndsWith("/rotate", StringComparison.Ordinal) ? ProxiedAnswer.Of(204, "application/json", "") : null;
        var refusal = await PrepareRefusedAsync(Wish with { Current = first.Reference });
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, IssuanceReasons.ServerError)));
        Assert.That(refusal.Message, Does.Contain("without a new version"));
    }

    [TestCase("7")]
    [TestCase("null")]
    [TestCase("\"\\ud800\"")]
    public async Task A_public_key_that_is_no_text_is_none(string value)
    {
        Vault.Interfere = r => r.Path.StartsWith("team/", StringComparison.Ordinal)
            ? ProxiedAnswer.Of(200, "application/json", $$"""{"data":{"type":"ecdsa-p256","latest_version":1,"keys":{"1":{"public_key":{{value}} } } } }""")
            : null;
        Assert.That((await PrepareRefusedAsync()).Message, Does.Contain("without a public key of version 1"));
    }

    [Test]
    public async Task A_check_says_what_is_granted_and_changes_nothing()
    {
        Grant(("team/transit/keys/shop.www", "read"), ("team/transit/sign/shop.www", "update"));
        var rows = await Keys().CheckAsync(Wish, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(r => (r.Permission, r.Granted)), Is.EqualTo(new (string, bool?)[]
            {
                ("ecdsa-p256 key team/transit/keys/shop.www", null),
                ("read on team/transit/keys/shop.www", true),
                ("update on team/transit/sign/shop.www", true),
                ("update on team/transit/keys/shop.www", false),
                ("update on team/transit/keys/shop.www/rotate", false),
                ("update on team/transit/keys/shop.www/config", null),
            }));
            Assert.That(rows[4].Evidence, Is.EqualTo("Add to the Vault policy: path \"team/transit/keys/shop.www/rotate\" { capabilities = [\"update\"] }"));
            Assert.That(_transit.Keys, Is.Empty);
        }
    }

    [Test]
    public async Task A_root_token_may_do_everything()
    {
        var keys = new VaultTransitKeys(Client(TokenLogin(Vault.Tokens.Create(new FakeTokenShape("root") { Ttl = null }))), "team/transit", "shop.www");
        using var key = await keys.PrepareAsync(Wish, CancellationToken.None);
        Assert.That((await keys.CheckAsync(Wish, CancellationToken.None)).Select(r => r.Granted), Is.All.EqualTo(true));
    }

    private async Task<KeyReference> ReferenceOfAsync(int version)
    {
        _transit.Keys["shop.www"].MinEncryptionVersion = 0;
        var pem = _transit.Keys["shop.www"].Versions[version]!.ExportSubjectPublicKeyInfo();
        var reference = new KeyReference { Place = KeyPlaces.VaultTransit, Key = $"{Vault.Address}v1/team/transit/keys/shop.www", Version = $"{version}", PublicKeySha256 = KeyReference.Fingerprint(pem) };
        using var opened = await Keys().OpenAsync(reference, CancellationToken.None);
        return opened!.Reference!;
    }
}
