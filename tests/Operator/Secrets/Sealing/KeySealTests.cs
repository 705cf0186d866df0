using System.Security.Cryptography;
using System.Text;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Operator.Tests.Fakes;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets.Sealing;

public sealed class KeySealTests
{
    private static readonly byte[] Key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"u8.ToArray();
    private static readonly SealedPlace Place = SealedPlace.Staged("shop", "uid-1", "run-1");
    private static readonly MasterKeyRing Ring = FixedMasterKeys.Named("k1");

    [Test]
    public void What_is_sealed_opens_at_its_place_and_shows_nothing_of_the_key()
    {
        var stored = KeySeal.Seal(Ring, Place, Key);

        Assert.That(Encoding.ASCII.GetString(stored), Does.StartWith("sealed:v1:k1:").And.Not.Contain("PRIVATE"));
        Assert.That(KeySeal.Open(Ring, Place, stored), Is.InstanceOf<Opening.Opened>());
        Assert.That(((Opening.Opened)KeySeal.Open(Ring, Place, stored)).Value, Is.EqualTo(Key));
        Assert.That(KeySeal.Seal(Ring, Place, Key), Is.Not.EqualTo(stored), "each time another nonce");
    }

    [Test]
    public void The_cipher_is_AES_256_GCM_under_a_key_that_HKDF_derives_from_the_master_key_and_the_namespace()
    {
        var packed = Convert.FromBase64String(Encoding.ASCII.GetString(KeySeal.Seal(Ring, Place, Key))["sealed:v1:k1:".Length..]);
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, Ring.First.Material, 32, [], "certoperator namespace key v1\nshop"u8.ToArray());
        var plain = new byte[packed.Length - 28];
        using var gcm = new AesGcm(derived, 16);

        gcm.Decrypt(packed.AsSpan(0, 12), packed.AsSpan(12, plain.Length), packed.AsSpan(packed.Length - 16), plain, "certoperator sealed key v1\nk1\nshop\nuid-1\nstaged run-1"u8);

        Assert.That(plain, Is.EqualTo(Key));
    }

    [TestCaseSource(nameof(OtherPlaces))]
    public void A_value_that_was_moved_does_not_open(SealedPlace other)
        => Assert.That(((Opening.Refused)KeySeal.Open(Ring, other, KeySeal.Seal(Ring, Place, Key))).Message, Does.Contain("another namespace, policy, run or certificate"));

    [Test]
    public void A_value_whose_master_key_is_missing_names_the_key()
        => Assert.That(((Opening.Refused)KeySeal.Open(FixedMasterKeys.Named("k2"), Place, KeySeal.Seal(Ring, Place, Key))).Message, Does.Contain("master key k1, which the operator does not have"));

    [Test]
    public void A_value_opens_with_its_master_key_also_where_another_one_is_first()
    {
        var opened = (Opening.Opened)KeySeal.Open(FixedMasterKeys.Named("k2", "k1"), Place, KeySeal.Seal(Ring, Place, Key));
        Assert.That((Encoding.ASCII.GetString(opened.Value), opened.ByFirst), Is.EqualTo((Encoding.ASCII.GetString(Key), false)));
    }

    [Test]
    public void A_value_that_is_changed_anywhere_does_not_open_and_nothing_breaks()
    {
        var stored = KeySeal.Seal(Ring, Place, Key);
        for (var i = "sealed:v1:".Length; i < stored.Length; i++)
        {
            var spoilt = (byte[])stored.Clone();
            spoilt[i] = spoilt[i] == (byte)'A' ? (byte)'B' : (byte)'A';
            Assert.That(KeySeal.Open(Ring, Place, spoilt), Is.InstanceOf<Opening.Refused>(), $"byte {i}");
            Assert.That(KeySeal.Open(Ring, Place, stored[..i]), Is.InstanceOf<Opening.Refused>(), $"cut off at {i}");
        }
    }

    [Test]
    public void A_key_that_was_never_sealed_is_taken_as_it_is()
        => Assert.That(((Opening.Plain)KeySeal.Open(Ring, Place, Key)).Value, Is.EqualTo(Key));

    [Test]
    public void No_text_of_these_types_shows_a_key()
    {
        object[] all = [Ring, Ring.First, KeySeal.Open(Ring, Place, KeySeal.Seal(Ring, Place, Key)), KeySeal.Open(Ring, Place, Key)];
        Assert.That(all.Select(o => o.ToString()), Is.EqualTo(new[] { "MasterKeyRing { k1 }", "MasterKey k1", "Opened", "Plain" }));
    }

    private static IEnumerable<TestCaseData> OtherPlaces()
    {
        yield return new TestCaseData(Place with { Namespace = "other" }).SetArgDisplayNames("another namespace");
        yield return new TestCaseData(Place with { PolicyUid = "uid-2" }).SetArgDisplayNames("another policy");
        yield return new TestCaseData(SealedPlace.Staged("shop", "uid-1", "run-2")).SetArgDisplayNames("another run");
        yield return new TestCaseData(SealedPlace.Kept("shop", "uid-1", [1])).SetArgDisplayNames("another slot");
    }
}
