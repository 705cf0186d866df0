using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys.Vault;
using CertOperator.Providers.Vault;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Vault;

internal sealed class VaultTransitUnwrapperTests : VaultTest
{
    private static readonly byte[] Master = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private FakeTransitKey _key = null!;

    [SetUp]
    public void Prepare()
    {
        var transit = Vault.Mount("transit", new FakeTransit());
        _key = transit.Keys["certoperator"] = FakeTransitKey.Create("aes256-gcm96");
        transit.Keys["other"] = FakeTransitKey.Create("aes256-gcm96");
        Grant(("transit/decrypt/certoperator", "update"));
    }

    [Test]
    public async Task What_was_wrapped_is_unwrapped_also_after_the_key_was_rotated()
    {
        var ciphertext = _key.Encrypt(Master);
        _key.Rotate();
        Assert.That(await Unwrapper().UnwrapAsync(ciphertext, CancellationToken.None), Is.EqualTo(Master));
        Assert.That(Asked, Is.EqualTo(new[] { "POST transit/decrypt/certoperator" }));
        Assert.That(Vault.Requests[^1].Body.Select(p => p.Key), Is.EqualTo(new[] { "ciphertext" }));
    }

    [Test]
    public async Task A_missing_right_ends_with_the_line_that_grants_it()
    {
        Grant();
        var refusal = await RefusalAsync(() => Unwrapper().UnwrapAsync(_key.Encrypt(Master), CancellationToken.None));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, VaultReasons.AccessDenied)));
        Assert.That(refusal.Message, Does.EndWith("path \"transit/decrypt/certoperator\" { capabilities = [\"update\"] }"));
    }

    [Test]
    public async Task What_another_key_has_wrapped_is_refused_in_the_words_of_Vault()
    {
        var refusal = await RefusalAsync(() => Unwrapper().UnwrapAsync(FakeTransitKey.Create("aes256-gcm96").Encrypt(Master), CancellationToken.None));
        Assert.That(refusal.Message, Does.Contain("cipher: message authentication failed"));
    }

    [Test]
    public async Task A_sealed_Vault_may_be_unsealed()
    {
        Vault.IsSealed = true;
        var refusal = await RefusalAsync(() => Unwrapper().UnwrapAsync(_key.Encrypt(Master), CancellationToken.None));
        Assert.That(refusal.Failure, Is.EqualTo(IssuanceFailure.Transient));
    }

    private VaultTransitUnwrapper Unwrapper() => new("--master-key-vault-address", () => Client(), "transit", "certoperator");
}
