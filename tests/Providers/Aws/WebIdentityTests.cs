using Amazon;
using Amazon.Runtime;
using CertOperator.Providers.Aws;
using CertOperator.Providers.AwsAcm;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.AwsKms;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Aws;

/// <summary>The identity that EKS gives a service account: a token in a file, which STS takes for the keys of a role.</summary>
[NonParallelizable]
public sealed class WebIdentityTests
{
    [Test]
    public async Task Keys_and_certificates_are_asked_for_with_a_service_accounts_role_and_a_token_that_was_rotated_is_read_again()
    {
        using var directory = new TemporaryDirectory();
        await using var aws = await FakeAws.StartAsync();
        using var http = new EgressHttpClients(new EgressDialer(new EgressPolicy([System.Net.IPNetwork.Parse("127.0.0.0/8")]), new SystemAddressResolver(), TimeProvider.System), TimeProvider.System);
        var token = directory.File("token");
        var role = aws.Sts.AddRole("certoperator", webIdentityToken: "first.token");
        await File.WriteAllTextAsync(token, "first.token");
        using var process = new ProcessSettings(http.GetCapped(aws.CaPem), new()
        {
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = token,
            ["AWS_ROLE_ARN"] = role,
            ["AWS_REGION"] = FakeAws.Region,
            ["AWS_ENDPOINT_URL_STS"] = aws.Address.AbsoluteUri,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        });
        var identities = new AwsIdentities(new AwsSdk(http), AwsSdk.OwnIdentityAsync, TimeProvider.System);
        var access = new AwsAccess { Field = "spec.test", Region = FakeAws.Region, Endpoint = aws.Address, CaBundle = aws.CaPem, ExternalId = "team-a" };
        var settings = new AwsKmsSettings(aws.Kms.Create(alias: "web").Arn, access);
        var keys = new AwsKmsKeys(settings, new AwsKmsApi(settings, identities, new AwsSdk(http)));
        var acm = new AcmApi(new AwsJsonApi(http, identities, TimeProvider.System));

        // Keys that end so soon are fetched anew for the next request.
        aws.Sts.Lifetime = TimeSpan.FromSeconds(20);
        using var key = await keys.PrepareAsync(new KeyWish(KeyAlgorithm.Ecdsa, 256, Rotate: false, null), CancellationToken.None);
        await key.SignAsync(new byte[] { 1 }, CancellationToken.None);
        await acm.DescribeAsync(access, aws.Acm.Add(["www.example.com"]).Arn, CancellationToken.None);
        Assert.That(aws.Requests.Select(r => r.Action), Is.EqualTo(new[] { "kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "acm:DescribeCertificate" }));
        Assert.That(aws.Requests.Select(r => r.User.Arn), Has.All.StartsWith($"arn:aws:sts::{FakeAws.Account}:assumed-role/certoperator/"));

        aws.Sts.AddRole("certoperator", webIdentityToken: "second.token");
        await File.WriteAllTextAsync(token, "second.token");
        var before = aws.Sts.Sessions.Count;
        aws.Sts.Lifetime = TimeSpan.FromHours(1);
        await key.SignAsync(new byte[] { 2 }, CancellationToken.None);
        await key.SignAsync(new byte[] { 3 }, CancellationToken.None);
        Assert.That(aws.Sts.Sessions, Has.Count.EqualTo(before + 1), "the new token was read, and its keys last");
        Assert.That(aws.Requests[^1].User, Is.SameAs(aws.Sts.Sessions[^1]));
        Assert.That(aws.Violations, Is.Empty);
    }

    /// <summary>What the SDK takes from the process, for as long as a test lasts.</summary>
    private sealed class ProcessSettings : IDisposable
    {
        private readonly Dictionary<string, string?> _before;

        public ProcessSettings(HttpClient client, Dictionary<string, string> environment)
        {
            _before = environment.Keys.ToDictionary(k => k, Environment.GetEnvironmentVariable);
            foreach (var (name, value) in environment)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            AWSConfigs.HttpClientFactory = new Factory(client);
        }

        public void Dispose()
        {
            AWSConfigs.HttpClientFactory = null;
            foreach (var (name, value) in _before)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }

    private sealed class Factory(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
