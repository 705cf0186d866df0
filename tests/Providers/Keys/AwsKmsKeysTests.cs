using System.Text;
using CertOperator.Crds.Rules;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.AwsKms;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Tests.Aws;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Keys;

public sealed class AwsKmsKeysTests : AwsFixture
{
    private static readonly byte[] Data = Encoding.ASCII.GetBytes("to be signed");

    [TestCase("ECC_NIST_P256", KeyAlgorithm.Ecdsa, 256, "ecdsa-with-SHA256")]
    [TestCase("ECC_NIST_P384", KeyAlgorithm.Ecdsa, 384, "ecdsa-with-SHA384")]
    [TestCase("RSA_2048", KeyAlgorithm.Rsa, 2048, "sha256WithRSAEncryption")]
    [TestCase("RSA_3072", KeyAlgorithm.Rsa, 3072, "sha256WithRSAEncryption")]
    [TestCase("RSA_4096", KeyAlgorithm.Rsa, 4096, "sha256WithRSAEncryption")]
    public async Task A_signing_request_is_signed_in_KMS_and_openssl_verifies_it(string spec, KeyAlgorithm algorithm, int size, string signature)
    {
        var key = Aws.Kms.Create(spec);
        using var prepared = await Keys(key.Arn).PrepareAsync(Wish(algorithm, size), CancellationToken.None);
        Assert.That((prepared.Exported, prepared.Algorithm, prepared.Size), Is.EqualTo(((PrivateKeyPair?)null, algorithm, size)));
        Assert.That(prepared.Reference, Is.EqualTo(new KeyReference { Place = "aws_kms", Key = key.Arn, PublicKeySha256 = KeyReference.Fingerprint(key.PublicKey) }));

        var csr = await CertificateSigningRequests.CreateDerAsync(prepared, "www.example.com", ["www.example.com", "example.com"], [], CancellationToken.None);

        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "request.der");
        await File.WriteAllBytesAsync(file, csr);
        var seen = await ToolProcess.RunAsync("openssl", ["req", "-inform", "DER", "-in", file, "-verify", "-noout", "-text"]);
        Assert.That(seen.Output, Does.Contain("DNS:www.example.com, DNS:example.com").And.Contain($"Signature Algorithm: {signature}"));
        Assert.That(Aws.Requests.Select(r => r.Action), Is.EqualTo(new[] { "kms:DescribeKey", "kms:GetPublicKey", "kms:Sign" }));
    }

    [Test]
    public async Task An_alias_is_resolved_once_and_the_run_stays_with_its_key()
    {
        var first = Aws.Kms.Create(alias: "web");
        using var prepared = await Keys("alias/web").PrepareAsync(Wish(), CancellationToken.None);
        Aws.Kms.Point("web", Aws.Kms.Create());

        using var opened = await Keys("alias/web").OpenAsync(prepared.Reference!, CancellationToken.None);
        await opened!.SignAsync(Data, CancellationToken.None);

        Assert.That((prepared.Reference!.Key, opened.Reference), Is.EqualTo((first.Arn, prepared.Reference)));
        Assert.That(Aws.Requests.Select(r => (string?)r.Body["KeyId"]), Is.EqualTo(new[] { "alias/web", first.Arn, first.Arn, first.Arn }));
    }

    [Test]
    public async Task A_key_is_found_by_its_id_and_by_the_ARN_of_its_alias()
    {
        var key = Aws.Kms.Create(alias: "web");
        foreach (var id in new[] { key.Id, $"arn:aws:kms:{FakeAws.Region}:{FakeAws.Account}:alias/web" })
        {
            using var prepared = await Keys(id).PrepareAsync(Wish(), CancellationToken.None);
            Assert.That(prepared.Reference!.Key, Is.EqualTo(key.Arn));
        }
    }

    [Test]
    public async Task A_disabled_key_needs_a_person_and_is_used_once_it_is_enabled()
    {
        var key = Aws.Kms.Create();
        key.State = "Disabled";
        var refusal = await RefusalAsync(key.Arn);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsKmsReasons.KeyNotUsable)));
        Assert.That(refusal.Message, Does.Contain(key.Arn).And.Contain("is disabled").And.Contain($"aws kms enable-key --region {FakeAws.Region} --key-id {key.Id}"));

        key.State = "Enabled";
        using var prepared = await Keys(key.Arn).PrepareAsync(Wish(), CancellationToken.None);
        Assert.That(prepared.Reference!.Key, Is.EqualTo(key.Arn));
    }

    [Test]
    public async Task A_key_that_is_disabled_in_the_middle_of_a_run_needs_a_person()
    {
        var key = Aws.Kms.Create();
        using var prepared = await Keys(key.Arn).PrepareAsync(Wish(), CancellationToken.None);
        key.State = "Disabled";
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => prepared.SignAsync(Data, CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsKmsReasons.KeyNotUsable)));
        Assert.That(refusal.Message, Does.Contain("kms:Sign").And.Contain(key.Arn).And.Contain("is disabled. Enable the key"));
    }

    [Test]
    public async Task A_key_that_is_to_be_deleted_needs_a_person()
    {
        var key = Aws.Kms.Create();
        key.State = "PendingDeletion";
        var refusal = await RefusalAsync(key.Arn);
        Assert.That(refusal.Failure, Is.EqualTo(IssuanceFailure.NeedsManual));
        Assert.That(refusal.Message, Does.Contain("is to be deleted on 2026-01-31").And.Contain("cancel-key-deletion"));
    }

    [Test]
    public async Task A_deleted_key_is_said_to_be_gone_and_cannot_be_made_ready_again()
    {
        var key = Aws.Kms.Create();
        using var prepared = await Keys(key.Arn).PrepareAsync(Wish(), CancellationToken.None);
        Aws.Kms.Delete(key);
        Assert.That(await Keys(key.Arn).OpenAsync(prepared.Reference!, CancellationToken.None), Is.Null);
        var refusal = await RefusalAsync(key.Arn);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsKmsReasons.KeyNotFound)));
        Assert.That(refusal.Message, Does.Contain("does not exist").And.Contain($"{Field}.keyId"));
    }

    [Test]
    public async Task A_key_for_another_usage_needs_a_person()
    {
        var key = Aws.Kms.Create("RSA_2048", "ENCRYPT_DECRYPT");
        var refusal = await RefusalAsync(key.Arn, Wish(KeyAlgorithm.Rsa, 2048));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsKmsReasons.WrongKeyUsage)));
        Assert.That(refusal.Message, Does.Contain("is for ENCRYPT_DECRYPT").And.Contain("SIGN_VERIFY"));
    }

    [Test]
    public async Task A_key_of_another_kind_than_the_policy_asks_for_needs_a_person()
    {
        var key = Aws.Kms.Create("RSA_2048");
        var refusal = await RefusalAsync(key.Arn);
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsKmsReasons.WrongKeySpec)));
        Assert.That(refusal.Message, Does.Contain("is of kind RSA_2048, and spec.key asks for ECDSA 256, which KMS calls ECC_NIST_P256"));
    }

    [TestCase("eu-west-1", FakeAws.Account, IssuanceFailure.NeedsManual, "Invalid arn eu-west-1")]
    [TestCase(FakeAws.Region, FakeAws.OtherAccount, IssuanceFailure.NeedsManual, "no resource-based policy allows the kms:DescribeKey action")]
    public async Task A_key_of_another_region_or_account_is_explained(string region, string account, IssuanceFailure failure, string words)
    {
        var refusal = await RefusalAsync($"arn:aws:kms:{region}:{account}:key/{Guid.NewGuid()}");
        Assert.That(refusal.Failure, Is.EqualTo(failure));
        Assert.That(refusal.Message, Does.Contain(words));
    }

    [Test]
    public async Task Requests_signed_for_another_region_than_the_endpoints_name_the_region()
    {
        var key = Aws.Kms.Create();
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Keys(key.Arn, Access(region: "eu-west-1")).PrepareAsync(Wish(), CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.CredentialsRefused)));
        Assert.That(refusal.Message, Does.Contain("Credential should be scoped to a valid region").And.Contain($"{Field} names the region of its endpoint (eu-west-1 now)"));
    }

    [TestCase("kms:DescribeKey")]
    [TestCase("kms:GetPublicKey")]
    [TestCase("kms:Sign")]
    public async Task A_right_that_is_missing_is_named_with_the_key(string action)
    {
        var key = Aws.Kms.Create();
        Aws.User.Denied.Add(action);
        var refusal = await Assert.ThrowsAsync<IssuanceException>(async () =>
        {
            using var prepared = await Keys(key.Arn).PrepareAsync(Wish(), CancellationToken.None);
            await prepared.SignAsync(Data, CancellationToken.None);
        });
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.AccessDenied)));
        Assert.That(refusal.Message, Does.Contain($"Allow {action} on key {key.Arn} for access key {Aws.User.AccessKeyId} of Secret aws").And.Not.Contain(Aws.User.SecretAccessKey));
    }

    [Test]
    public async Task A_signature_that_does_not_verify_is_not_used()
    {
        var key = Aws.Kms.Create();
        using var prepared = await Keys(key.Arn).PrepareAsync(Wish(), CancellationToken.None);
        key.Forges = true;
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => CertificateSigningRequests.CreateDerAsync(prepared, null, ["a.example.com"], [], CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsKmsReasons.SignatureMismatch)));
        Assert.That(refusal.Message, Does.Contain(key.Arn).And.Contain("does not verify"));
    }

    [Test]
    public async Task Thirty_seconds_of_throttling_pass_within_the_tries_of_a_step()
    {
        var key = Aws.Kms.Create();
        var end = Time.GetUtcNow() + TimeSpan.FromSeconds(30);
        Aws.Intercept = r => Time.GetUtcNow() < end ? FakeAwsAnswer.Error("ThrottlingException", "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.") : null;
        var tries = 0;
        ICertificateKey? prepared = null;
        while (prepared is null)
        {
            try
            {
                prepared = await Keys(key.Arn).PrepareAsync(Wish(), CancellationToken.None);
            }
            catch (IssuanceException e) when (e is { Failure: IssuanceFailure.Transient, Reason: IssuanceReasons.RateLimited })
            {
                Time.Advance(StepBackoff.Delay(++tries, "run"));
            }
        }

        Assert.That(tries, Is.LessThan(8), "after eight tries a step fails");
        Assert.That(Aws.Count("kms:DescribeKey"), Is.EqualTo(tries + 1), "nothing but the step tries again");
    }

    [TestCase("KMSInternalException", 500)]
    [TestCase("DependencyTimeoutException", 503)]
    [TestCase("KeyUnavailableException", 500)]
    [TestCase("ServiceUnavailableException", 503)]
    [TestCase("LimitExceededException", 400)]
    public async Task A_fault_of_KMS_is_tried_again(string code, int status)
    {
        Aws.Intercept = _ => FakeAwsAnswer.Error(code, "A fault.", status);
        var refusal = await RefusalAsync(Aws.Kms.Create().Arn);
        Assert.That(refusal.Failure, Is.EqualTo(IssuanceFailure.Transient));
        Assert.That(Aws.Requests, Has.Count.EqualTo(1));
    }

    [TestCase("kms:DescribeKey")]
    [TestCase("kms:GetPublicKey")]
    [TestCase("kms:Sign")]
    public async Task A_half_written_answer_is_asked_for_again(string action)
    {
        var key = Aws.Kms.Create();
        foreach (var spoil in new Func<FakeAwsAnswer, FakeAwsAnswer>[] { a => a with { CutAfter = a.Body.Length / 2 }, a => a with { Body = a.Body[..(a.Body.Length / 2)] }, a => a with { Body = "{}"u8.ToArray() } })
        {
            Aws.Spoil = (request, answer) => request.Action == action ? spoil(answer) : answer;
            var refusal = await Assert.ThrowsAsync<IssuanceException>(async () =>
            {
                using var prepared = await Keys(key.Arn).PrepareAsync(Wish(), CancellationToken.None);
                await prepared.SignAsync(Data, CancellationToken.None);
            });
            Assert.That(refusal!.Failure, Is.EqualTo(IssuanceFailure.Transient), refusal.Message);
        }
    }

    [Test]
    public async Task A_role_whose_rights_run_out_in_the_middle_of_a_run_is_assumed_again()
    {
        var key = Aws.Kms.Create();
        var keys = Keys(key.Arn, Access(roleArn: Aws.Sts.AddRole("signer", externalId: Namespace)));
        using var prepared = await keys.PrepareAsync(Wish(), CancellationToken.None);
        Aws.Sts.Sessions.Single().IsExpired = true;

        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => prepared.SignAsync(Data, CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Transient, AwsReasons.CredentialsExpired)));
        var signature = await prepared.SignAsync(Data, CancellationToken.None);
        Assert.That(KeySignatures.Verify(key.PublicKey, Data, signature), Is.True);
        Assert.That(Aws.Sts.Sessions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Temporary_credentials_of_a_Secret_that_ran_out_need_a_person()
    {
        var key = Aws.Kms.Create();
        Aws.Sts.AddRole("signer");
        await Identities.GetAsync(Access(roleArn: $"arn:aws:iam::{FakeAws.Account}:role/signer"), CancellationToken.None);
        var session = Aws.Sts.Sessions.Single();
        session.IsExpired = true;
        var refusal = await Assert.ThrowsAsync<IssuanceException>(() => Keys(key.Arn, Access(session)).PrepareAsync(Wish(), CancellationToken.None));
        Assert.That((refusal!.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.CredentialsExpired)));
        Assert.That(refusal.Message, Does.Contain("Write new temporary credentials to Secret aws"));
    }

    [Test]
    public async Task What_a_run_needs_is_checked_without_a_signature()
    {
        var key = Aws.Kms.Create(alias: "web");
        var rows = await Keys("alias/web").CheckAsync(Wish(), CancellationToken.None);
        Assert.That(rows.Select(r => (r.Permission, r.Granted)), Is.EqualTo(new (string, bool?)[] { ("kms:DescribeKey", true), ("kms:GetPublicKey", true), ("kms:Sign", true) }));
        Assert.That(Aws.Requests.Where(r => r.Action == "kms:Sign").Select(r => r.Body["DryRun"]!.GetValue<bool>()), Is.EqualTo(new[] { true }));
        Assert.That(rows[0].Evidence, Does.Contain(key.Arn).And.Contain("alias/web"));
    }

    [Test]
    public async Task A_check_goes_on_where_one_right_is_missing()
    {
        Aws.Kms.Create(alias: "web");
        Aws.User.Denied.Add("kms:DescribeKey");
        Aws.User.Denied.Add("kms:Sign");
        var rows = await Keys("alias/web").CheckAsync(Wish(), CancellationToken.None);
        Assert.That(rows.Select(r => r.Granted), Is.EqualTo(new bool?[] { false, true, false }));
        Assert.That(rows[2].Evidence, Does.Contain("Allow kms:Sign on key"));
    }

    private static KeyWish Wish(KeyAlgorithm algorithm = KeyAlgorithm.Ecdsa, int size = 256) => new(algorithm, size, Rotate: false, Current: null);

    private AwsKmsKeys Keys(string keyId, AwsAccess? access = null)
    {
        var settings = new AwsKmsSettings(keyId, access ?? Access());
        return new AwsKmsKeys(settings, new AwsKmsApi(settings, Identities, Sdk));
    }

    private async Task<IssuanceException> RefusalAsync(string keyId, KeyWish? wish = null)
        => (await Assert.ThrowsAsync<IssuanceException>(() => Keys(keyId).PrepareAsync(wish ?? Wish(), CancellationToken.None)))!;
}
