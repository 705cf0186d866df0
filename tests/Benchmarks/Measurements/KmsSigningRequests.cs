using System.Net;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Providers.Aws;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.AwsKms;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport.Aws;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>
/// A signing request whose key is in KMS. The service is a fake of ours on loopback with a real key, which computes the signature of each
/// HTTP request anew; so this is what the operator, the AWS SDK and TLS take, and not how fast KMS is.
/// </summary>
public sealed class KmsSigningRequests : IMeasurement
{
    private static readonly KeyWish Wish = new(KeyAlgorithm.Ecdsa, 256, Rotate: false, null);

    public IReadOnlyList<string> Figures { get; } = ["kms_csr_seconds"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        await using var aws = await FakeAws.StartAsync();
        using var http = new EgressHttpClients(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), new SystemAddressResolver(), TimeProvider.System), TimeProvider.System);
        var access = new AwsAccess
        {
            Field = "bench",
            Region = FakeAws.Region,
            Endpoint = aws.Address,
            CaBundle = aws.CaPem,
            AccessKey = new AwsAccessKey(aws.User.AccessKeyId, aws.User.SecretAccessKey, null),
            ExternalId = "bench",
        };
        var sdk = new AwsSdk(http);
        var settings = new AwsKmsSettings(aws.Kms.Create().Arn, access);
        var keys = new AwsKmsKeys(settings, new AwsKmsApi(settings, new AwsIdentities(sdk, AwsSdk.OwnIdentityAsync, TimeProvider.System), sdk));
        using var remote = await keys.PrepareAsync(Wish, cancellationToken);
        var (inKms, _) = await SigningRequests.CompareAsync(remote, options, cancellationToken);

        sheet.Add(new Figure("kms_csr_seconds", inKms.Median(), "s", Aim.AtMost(0.05), SigningRequests.Milliseconds(inKms) + "; P-256 in KMS, a fake on loopback, through the AWS SDK, with the signature verified"));
    }
}
