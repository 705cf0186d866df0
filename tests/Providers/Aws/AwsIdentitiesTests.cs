using CertOperator.Providers.Aws;
using CertOperator.Providers.Issuance;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Aws;

public sealed class AwsIdentitiesTests : AwsFixture
{
    [Test]
    public async Task A_role_is_assumed_once_for_as_long_as_it_lasts()
    {
        var access = Access(roleArn: Aws.Sts.AddRole("signer", externalId: Namespace));
        var first = await Identities.GetAsync(access, CancellationToken.None);
        Assert.That((first.Id, first.SessionToken), Is.EqualTo((Aws.Sts.Sessions.Single().AccessKeyId, Aws.Sts.Sessions.Single().SessionToken)));

        Time.Advance(TimeSpan.FromMinutes(57));
        Assert.That(await Identities.GetAsync(access, CancellationToken.None), Is.EqualTo(first));

        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.That((await Identities.GetAsync(access, CancellationToken.None)).Id, Is.Not.EqualTo(first.Id));
        Assert.That(Aws.Sts.Sessions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_one_namespace_was_lent_another_does_not_get()
    {
        var role = Aws.Sts.AddRole("signer");
        var mine = await Identities.GetAsync(Access(roleArn: role), CancellationToken.None);
        var theirs = await Identities.GetAsync(Access(roleArn: role) with { ExternalId = "team-b" }, CancellationToken.None);
        Assert.That(theirs, Is.Not.EqualTo(mine));
    }

    [Test]
    public async Task A_role_that_trusts_another_namespace_needs_a_person()
    {
        var role = Aws.Sts.AddRole("signer", externalId: "team-b");
        var refusal = await RefusalAsync(Access(roleArn: role));
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.AccessDenied)));
        Assert.That(refusal.Message, Does.Contain($"Allow sts:AssumeRole on the role to access key {Aws.User.AccessKeyId} of Secret aws").And.Contain($"external id: {Namespace}").And.Contain(role));
    }

    [Test]
    public async Task A_key_that_AWS_does_not_know_needs_a_person()
    {
        var access = Access(roleArn: Aws.Sts.AddRole("signer"));
        var refusal = await RefusalAsync(access with { AccessKey = access.AccessKey! with { Id = "AKIAIOSFODNN7EXAMPLE" } });
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.CredentialsRefused)));
        Assert.That(refusal.Message, Does.Contain("Correct accessKeyId and secretAccessKey of Secret aws, named by spec.test.credentialsSecretName"));
    }

    [Test]
    public async Task A_secret_that_is_another_needs_a_person_and_is_not_told()
    {
        var access = Access(roleArn: Aws.Sts.AddRole("signer"));
        var refusal = await RefusalAsync(access with { AccessKey = access.AccessKey! with { Secret = "another-secret-value" } });
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.NeedsManual, AwsReasons.CredentialsRefused)));
        Assert.That(refusal.Message, Does.Contain("secretAccessKey belongs to accessKeyId").And.Not.Contain("another-secret-value"));
    }

    [Test]
    public async Task The_operators_own_identity_may_assume_roles_too()
    {
        OwnIdentity = Aws.User;
        Assert.That(await Identities.GetAsync(OwnAccess(), CancellationToken.None), Is.EqualTo(KeyOf(Aws.User)));
        var lent = await Identities.GetAsync(OwnAccess(Aws.Sts.AddRole("signer", externalId: Namespace)), CancellationToken.None);
        Assert.That(lent.Id, Is.EqualTo(Aws.Sts.Sessions.Single().AccessKeyId));
    }

    [Test]
    public async Task An_operator_without_an_identity_says_what_to_name()
    {
        var refusal = await RefusalAsync(OwnAccess());
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Failed, IssuanceReasons.InvalidCredentials)));
        Assert.That(refusal.Message, Does.Contain("spec.test.credentialsSecretName"));
    }

    [Test]
    public async Task An_endpoint_that_may_not_be_dialled_is_not_dialled()
    {
        var refusal = await RefusalAsync(Access(roleArn: Aws.Sts.AddRole("signer")) with { StsEndpoint = new Uri("https://169.254.169.254") });
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Failed, IssuanceReasons.EgressDenied)));
    }

    [Test]
    public async Task A_server_that_is_not_trusted_gets_no_request()
    {
        var refusal = await RefusalAsync(Access(roleArn: Aws.Sts.AddRole("signer")) with { CaBundle = null });
        Assert.That((refusal.Failure, refusal.Reason), Is.EqualTo((IssuanceFailure.Failed, IssuanceReasons.ServerNotTrusted)));
    }

    private async Task<IssuanceException> RefusalAsync(AwsAccess access)
        => (await Assert.ThrowsAsync<IssuanceException>(() => Identities.GetAsync(access, CancellationToken.None)))!;
}
