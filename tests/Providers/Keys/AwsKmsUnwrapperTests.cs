using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys.AwsKms;
using CertOperator.Providers.Tests.Aws;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Keys;

public sealed class AwsKmsUnwrapperTests : AwsFixture
{
    private static readonly byte[] Master = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private FakeKmsKey _key = null!;

    [SetUp]
    public void CreateKey()
    {
        _key = Aws.Kms.Create("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", alias: "certoperator");
        OwnIdentity = Aws.User;
    }

    [Test]
    public async Task What_was_wrapped_with_the_key_and_the_context_is_unwrapped()
    {
        Assert.That(await Unwrapper().UnwrapAsync(Wrap(_key), CancellationToken.None), Is.EqualTo(Master));
        Assert.That(Aws.Requests.Single().Body.Select(p => p.Key), Is.EquivalentTo(new[] { "CiphertextBlob", "EncryptionContext", "KeyId" }));
        Assert.That((string?)Aws.Requests.Single().Body["KeyId"], Is.EqualTo(_key.Arn));
    }

    [Test]
    public async Task The_key_may_be_named_by_its_alias()
        => Assert.That(await Unwrapper($"arn:aws:kms:{FakeAws.Region}:{FakeAws.Account}:alias/certoperator").UnwrapAsync(Wrap(_key), CancellationToken.None), Is.EqualTo(Master));

    [Test]
    public async Task A_line_of_another_key_says_which_option_names_the_key()
        => await RefusedAsync(Wrap(Aws.Kms.Create("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")), AwsKmsReasons.WrongKeySpec, "name that in --master-key-kms-key");

    [Test]
    public async Task A_line_that_was_made_for_something_else_is_not_unwrapped()
        => await RefusedAsync(Convert.ToBase64String(_key.Encrypt(Master)), AwsKmsReasons.WrongKeySpec, "--encryption-context certoperator=master-key");

    [Test]
    public async Task A_missing_right_is_named_with_the_key()
    {
        Aws.User.Denied.Add("kms:Decrypt");
        await RefusedAsync(Wrap(_key), AwsReasons.AccessDenied, $"refused kms:Decrypt on key {_key.Arn}", "Allow kms:Decrypt on it for the operator's own identity");
    }

    [TestCase("Disabled")]
    [TestCase("PendingDeletion")]
    public async Task A_key_that_is_not_usable_is_said_to_be_so(string state)
    {
        _key.State = state;
        await RefusedAsync(Wrap(_key), AwsKmsReasons.KeyNotUsable, "Enable the key, or cancel its deletion");
    }

    [Test]
    public async Task A_key_for_signatures_cannot_unwrap()
        => await RefusedAsync(Wrap(_key), AwsKmsReasons.WrongKeyUsage, "symmetric key for ENCRYPT_DECRYPT", key: Aws.Kms.Create().Arn);

    [Test]
    public async Task An_operator_without_an_identity_is_told_what_it_lacks()
    {
        OwnIdentity = null;
        await RefusedAsync(Wrap(_key), IssuanceReasons.InvalidCredentials, "no AWS identity of its own", "AWS_ACCESS_KEY_ID");
    }

    [Test]
    public async Task A_fault_and_half_an_answer_may_pass()
    {
        Aws.Intercept = _ => FakeAwsAnswer.Error("ThrottlingException", "Rate exceeded");
        await RefusedAsync(Wrap(_key), IssuanceReasons.RateLimited, "asked too often");
        Aws.Intercept = _ => null;
        Aws.Spoil = (_, answer) => answer with { CutAfter = 20 };
        Assert.That((await RefusalAsync(Wrap(_key), null)).Failure, Is.EqualTo(IssuanceFailure.Transient));
    }

    private static string Wrap(FakeKmsKey key) => Convert.ToBase64String(key.Encrypt(Master, ("certoperator", "master-key")));

    private AwsKmsUnwrapper Unwrapper(string? key = null)
        => new(
            AwsArn.TryParse(key ?? _key.Arn)!,
            OwnAccess() with { Field = "--master-key-kms-key", ExternalId = "" },
            _ => OwnIdentity is { } own ? Task.FromResult(KeyOf(own)) : throw new Amazon.Runtime.AmazonClientException("Unable to find credentials."),
            Sdk);

    private async Task<IssuanceException> RefusalAsync(string ciphertext, string? key)
        => (await Assert.ThrowsAsync<IssuanceException>(() => Unwrapper(key).UnwrapAsync(ciphertext, CancellationToken.None)))!;

    private async Task RefusedAsync(string ciphertext, string reason, string said, string? also = null, string? key = null)
    {
        var refusal = await RefusalAsync(ciphertext, key);
        Assert.That(refusal.Reason, Is.EqualTo(reason), refusal.Message);
        Assert.That(refusal.Message, Does.Contain(said).And.Contain(also ?? "").And.Not.Contain("resume"));
    }
}
