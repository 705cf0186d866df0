using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.Providers.Keys;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.EndToEnd.KeyBackends;

/// <summary>Certificates whose private key is in KMS and stays there.</summary>
public sealed class AwsKmsTests : ClusterTest, IAsyncDisposable
{
    private FakeAws _aws = null!;

    [SetUp]
    public async Task StartAwsAsync() => _aws = await FakeAws.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _aws.DisposeAsync();
        Assert.That(_aws.Violations, Is.Empty);
    }

    [Test]
    public async Task A_certificate_is_issued_and_renewed_for_a_key_that_stays_in_KMS()
    {
        FakeKmsKey first = _aws.Kms.Create(alias: "web");
        PolicyBuilder policy = await PolicyAsync();
        _aws.User.Denied.Add("kms:Sign");
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun refused = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        Assert.That((refused.Status!.Phase, refused.Status.CurrentStep), Is.EqualTo((RunPhase.NeedsManual, StepName.Finalize)));
        Assert.That(refused.Status.Message, Does.Contain($"Allow kms:Sign on key {first.Arn}"));
        _aws.User.Denied.Clear();
        await Cluster.AnnotateRunAsync(refused, WellKnown.ResumeRequestedAt, "now");

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Secret secret = await SecretAsync(policy);
        Assert.That(secret.Type, Is.EqualTo("certoperator.io/certificate"));
        Assert.That(secret.Data!.Keys, Is.EquivalentTo(new[] { "tls.crt", "key-reference" }), "the key is not there");
        AssertIsFor(secret, first);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1), "the order went on");

        // A person rotates the key by letting the alias point to another.
        FakeKmsKey second = _aws.Kms.Create(alias: "web");
        await Cluster.RequestRenewalAsync(policy.Name, "rotated");
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        AssertIsFor(await SecretAsync(policy), second);
    }

    [Test]
    public async Task A_dry_run_says_what_is_allowed_and_signs_nothing()
    {
        _aws.Kms.Create(alias: "web");
        _aws.User.Denied.Add("kms:GetPublicKey");
        PolicyBuilder policy = (await PolicyAsync()).With(s => s with { DryRunDefault = true });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.RequestRenewalAsync(policy.Name, "look");

        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];

        Assert.That(
            run.Status!.Report!.Where(r => r.Subject?.StartsWith("kms:", StringComparison.Ordinal) == true).Select(r => (r.Subject, r.Result)),
            Is.EqualTo(new[] { ("kms:DescribeKey", CheckResult.Passed), ("kms:GetPublicKey", CheckResult.Failed), ("kms:Sign", CheckResult.Passed) }));
        Assert.That(_aws.Requests.Where(r => r.Action == "kms:Sign").Select(r => (bool?)r.Body["DryRun"]), Has.All.True);
    }

    private async Task<PolicyBuilder> PolicyAsync()
    {
        await Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "aws", Namespace = Cluster.Namespace },
                Type = "Opaque",
                Data = new Dictionary<string, byte[]>
                {
                    ["accessKeyId"] = Encoding.ASCII.GetBytes(_aws.User.AccessKeyId),
                    ["secretAccessKey"] = Encoding.ASCII.GetBytes(_aws.User.SecretAccessKey),
                },
            },
            CancellationToken.None);
        return new PolicyBuilder(Cluster).With(s => s with
        {
            KeyBackend = KeyBackendKind.AwsKms,
            KeyBackendConfig = new KeyBackendConfig
            {
                AwsKms = new AwsKmsConfig { KeyId = "alias/web", Region = FakeAws.Region, Endpoint = _aws.Address.AbsoluteUri, CaBundle = _aws.CaPem, CredentialsSecretName = "aws" },
            },
        });
    }

    private Task<Secret> SecretAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

    private static void AssertIsFor(Secret secret, FakeKmsKey key)
    {
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(secret.Data!["tls.crt"]));
        Assert.That(certificate.PublicKey.ExportSubjectPublicKeyInfo(), Is.EqualTo(key.PublicKey));
        Assert.That(KeyReference.Parse(secret.Data["key-reference"]), Is.EqualTo(new KeyReference { Place = KeyPlaces.AwsKms, Key = key.Arn, PublicKeySha256 = KeyReference.Fingerprint(key.PublicKey) }));
    }
}
