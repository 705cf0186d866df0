using CertOperator.Operator.Secrets.Sealing;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets.Sealing;

public sealed class MasterKeyRingTests
{
    private const string A = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private const string B = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";

    [TestCase($"k1 {A}", "k1")]
    [TestCase($"# keys\r\n\r\n new-2026\t {B}\r\nk1 {A}\n", "new-2026,k1")]
    public void The_first_line_seals(string text, string ids)
        => Assert.That(string.Join(',', MasterKeyText.Parse(text, "FILE").Lines.Select(k => k.Id)), Is.EqualTo(ids));

    [TestCase("", "FILE holds no master key")]
    [TestCase("# nothing", "FILE holds no master key")]
    [TestCase($"k1 {A}\nk1 {B}", "FILE, line 2: master key k1 is there twice")]
    [TestCase($"k1:{A}", "FILE, line 1: this is no master key")]
    [TestCase($"k:1 {A}", "FILE, line 1: this is no master key")]
    [TestCase($"k1 {A} x", "FILE, line 1: this is no master key")]
    [TestCase("k1 AAAA", "FILE, line 1: this is no master key")]
    [TestCase("k1 aws-kms:AAAA", "FILE, line 1: this is no master key")]
    [TestCase($"k1 gcp:{A}", "FILE, line 1: this is no master key")]
    [TestCase($"k1 vault:{A}", "FILE, line 1: this is no master key")]
    [TestCase($"k1 vault:v1:{A} x", "FILE, line 1: this is no master key")]
    [TestCase("k1 " + A + A, "FILE, line 1: this is no master key")]
    [TestCase($"{A}", "FILE, line 1: this is no master key")]
    public void Anything_else_is_refused_without_quoting_it(string text, string said)
        => Assert.That(() => MasterKeyText.Parse(text, "FILE"), Throws.TypeOf<MasterKeyException>().With.Message.StartsWith(said).And.Message.Not.Contain("AAAA"));

    [Test]
    public void A_ring_that_was_made_can_be_written_and_read_again()
    {
        var made = MasterKeyRing.Create(DateTimeOffset.UnixEpoch);
        Assert.That(MasterKeyText.Parse(made.ToText(), "FILE").Plain, Is.EqualTo(made));
        Assert.That(made, Is.Not.EqualTo(MasterKeyRing.Create(DateTimeOffset.UnixEpoch)));
    }

    [TestCase("aws-kms:AQICAHjAAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJ=", "aws-kms", "AQICAHjAAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJ=")]
    [TestCase("vault:v3:AQICAHjAAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJ=", "vault", "vault:v3:AQICAHjAAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJ=")]
    public void A_key_may_be_wrapped_beside_one_that_is_not(string written, string scheme, string ciphertext)
    {
        var text = MasterKeyText.Parse($"new {written}\nold {A}\n", "FILE");
        Assert.That(text.Lines[0].Wrapped, Is.EqualTo(new WrappedKey(scheme, ciphertext)));
        Assert.That(text.Lines[0].Wrapped!.ToString(), Is.EqualTo(written));
        Assert.That(text.Plain, Is.Null);
    }

    [Test]
    public void More_keys_than_anybody_needs_are_refused()
        => Assert.That(() => MasterKeyText.Parse(string.Concat(Enumerable.Range(0, 17).Select(i => $"k{i} {A}\n")), "FILE"), Throws.TypeOf<MasterKeyException>().With.Message.Contains("16 are allowed"));
}
