using CertOperator.Providers.Aws;
using CertOperator.Providers.Egress;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Aws;

/// <summary>A fake AWS and what the product needs to talk to it. Whatever a test does, no request may be one that AWS does not know.</summary>
public abstract class AwsFixture
{
    protected const string Field = "spec.test";
    protected const string Namespace = "team-a";

    protected ManualTimeProvider Time { get; } = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));

    protected FakeAws Aws { get; private set; } = null!;

    protected EgressHttpClients Http { get; private set; } = null!;

    protected AwsSdk Sdk { get; private set; } = null!;

    protected AwsIdentities Identities { get; private set; } = null!;

    /// <summary>What the process around the operator has; null where it has none.</summary>
    protected FakeAwsUser? OwnIdentity { get; set; }

    [SetUp]
    public async Task StartAsync()
    {
        Aws = await FakeAws.StartAsync(Time);
        OwnIdentity = null;
        Http = new EgressHttpClients(new EgressDialer(new EgressPolicy([System.Net.IPNetwork.Parse("127.0.0.0/8")]), new SystemAddressResolver(), TimeProvider.System), TimeProvider.System);
        Sdk = new AwsSdk(Http);
        Identities = new AwsIdentities(
            Sdk,
            _ => OwnIdentity is { } own ? Task.FromResult(KeyOf(own)) : throw new Amazon.Runtime.AmazonClientException("Unable to find credentials."),
            Time);
    }

    [TearDown]
    public async Task StopAsync()
    {
        var violations = Aws.Violations;
        await Aws.DisposeAsync();
        Http.Dispose();
        Assert.That(violations, Is.Empty);
    }

    protected static AwsAccessKey KeyOf(FakeAwsUser user) => new(user.AccessKeyId, user.SecretAccessKey, user.SessionToken);

    protected AwsAccess Access(FakeAwsUser? user = null, string? roleArn = null, string region = FakeAws.Region)
        => new()
        {
            Field = Field,
            Region = region,
            Endpoint = Aws.Address,
            StsEndpoint = Aws.Address,
            CaBundle = Aws.CaPem,
            AccessKey = KeyOf(user ?? Aws.User),
            CredentialsSecretName = "aws",
            RoleArn = roleArn,
            ExternalId = Namespace,
        };

    protected AwsAccess OwnAccess(string? roleArn = null) => Access(roleArn: roleArn) with { AccessKey = null, CredentialsSecretName = null };
}
