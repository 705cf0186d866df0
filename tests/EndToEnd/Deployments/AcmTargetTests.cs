using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Aws;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Deployments;

/// <summary>Certificates of any CA are imported into ACM, where they keep their ARN.</summary>
public sealed class AcmTargetTests : ClusterTest, IAsyncDisposable
{
    private static readonly OperatorSettings OftenChecked = new() { Flags = ["--secret-check-interval", "10s"] };

    private FakeAws _aws = null!;

    [SetUp]
    public async Task StartAwsAsync()
    {
        _aws = await FakeAws.StartAsync();
        await Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "aws", Namespace = Cluster.Namespace },
                Data = new Dictionary<string, byte[]>
                {
                    ["accessKeyId"] = Encoding.ASCII.GetBytes(_aws.User.AccessKeyId),
                    ["secretAccessKey"] = Encoding.ASCII.GetBytes(_aws.User.SecretAccessKey),
                },
            },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _aws.DisposeAsync();
        Assert.That(_aws.Violations, Is.Empty);
    }

    [Test]
    public async Task Each_new_pair_goes_to_one_ARN_and_back_with_a_rollback_and_a_refusal_is_resumed_without_another_order()
    {
        PolicyBuilder policy = Policy();
        _aws.User.Denied.Add("acm:ImportCertificate");
        await Cluster.StartOperatorAsync(OftenChecked);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun refused = (await Cluster.WaitForFinishedRunsAsync(policy.Name)).Single();
        Assert.That((refused.Status!.Phase, refused.Status.CurrentStep, refused.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, StepName.Deploy, "AccessDenied")), refused.Status.Message);
        Assert.That(refused.Status.Message, Does.Contain("spec.deploy.targets[0].awsAcm").And.Contain("Allow acm:ImportCertificate on").And.Contain("The Secret holds the new certificate."));
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready"), "to be ready: the Secret is written");

        _aws.User.Denied.Clear();
        await Cluster.AnnotateRunAsync(refused, WellKnown.ResumeRequestedAt, "now");
        (FakeAcmCertificate certificate, Secret first) = await WaitForImportAsync(policy, 1);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(certificate.Tags["certoperator.io/policy"], Is.EqualTo($"{Cluster.Namespace}/{policy.Name}"));

        await Cluster.Secrets.DeleteAsync(Cluster.Name(policy.SecretName), null, CancellationToken.None);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.LastFinishedRun?.Restored == true, "to restore the Secret");
        Assert.That(certificate.Imports, Is.EqualTo(1), "the pair is the same");

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        (_, Secret second) = await WaitForImportAsync(policy, 2);
        Assert.That(second.Data!["tls.crt"], Is.Not.EqualTo(first.Data!["tls.crt"]));

        await Cluster.ChangeAsync(policy.Name, p => (p.Metadata.Annotations ??= [])[WellKnown.RollbackRequestedAt] = "1");
        (_, Secret third) = await WaitForImportAsync(policy, 3);
        Assert.That(third.Data!["tls.crt"], Is.EqualTo(first.Data["tls.crt"]));
        Assert.That((_aws.Acm.Certificates.Count, Cluster.Acme.OrdersPlaced), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task An_operator_that_is_killed_before_it_knows_the_ARN_leaves_one_certificate()
    {
        PolicyBuilder policy = Policy();
        var imported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _aws.Spoil = (request, answer) =>
        {
            if (request.Action != "acm:ImportCertificate")
            {
                return answer;
            }

            imported.TrySetResult();
            return answer with { CutAfter = answer.Body.Length / 2 };
        };
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await imported.Task.WaitAsync(Deadlines.Run);

        await victim.KillAsync();
        _aws.Spoil = (_, answer) => answer;
        int before = _aws.Acm.Certificates.Single().Imports;
        await Cluster.StartOperatorAsync();
        await WaitForImportAsync(policy, before + 1);

        Assert.That(_aws.Acm.Certificates, Has.Count.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(_aws.Count("acm:ListTagsForCertificate"), Is.Positive, "it was found by its tag");
    }

    [Test]
    public async Task A_dry_run_looks_at_the_target_and_a_missing_Secret_is_asked_for_before_anything_is_ordered()
    {
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(Policy("unknown", secret: "elsewhere"));
        CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync("unknown", p => p.Is("Stalled"), "to be stalled");
        Assert.That(stalled.Condition("Stalled")!.Message, Does.StartWith("spec.deploy.targets[0].awsAcm.credentialsSecretName: Secret elsewhere does not exist"));

        string foreign = $"arn:aws:acm:{FakeAws.Region}:{FakeAws.OtherAccount}:certificate/11111111-2222-3333-4444-555555555555";
        await Cluster.CreateAsync(Policy("looks", arn: foreign).With(s => s with { DryRunDefault = true }));
        CertificateRenewalRun dry = (await Cluster.WaitForFinishedRunsAsync("looks")).Single();
        RunCheck[] rows = [.. dry.Status!.Report!.Where(c => c.Check == "Target")];
        Assert.That(rows.Select(r => (r.Subject, r.Result)), Is.EqualTo(new[] { ($"{foreign}: acm:DescribeCertificate", CheckResult.Failed), ($"{foreign}: acm:ImportCertificate", CheckResult.Skipped) }));
        Assert.That(rows[0].Evidence, Does.Contain("belongs to another account"));
        Assert.That((_aws.Acm.Certificates.Count, _aws.Count("acm:ImportCertificate"), Cluster.Acme.OrdersPlaced), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task A_key_of_another_kind_than_the_one_in_ACM_is_told_by_a_dry_run_and_by_the_run_and_mended_in_the_policy()
    {
        FakeAcmCertificate certificate = _aws.Acm.Add(["www.example.com"], type: "IMPORTED");
        certificate.KeyAlgorithm = "RSA_2048";
        PolicyBuilder policy = Policy(arn: certificate.Arn).With(s => s with { DryRunDefault = true });
        string told = $"The key of {certificate.Arn} is RSA_2048, and that of the pair EC_prime256v1: an imported certificate keeps the kind and size of its key. Let spec.key ask for that kind, ";
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun dry = (await Cluster.WaitForFinishedRunsAsync(policy.Name)).Single();
        Assert.That(dry.Status!.Report!.First(c => c.Check == "Target"), Has.Property("Result").EqualTo(CheckResult.Failed).And.Property("Evidence").StartsWith(told));
        Assert.That((Cluster.Acme.OrdersPlaced, _aws.Count("acm:ImportCertificate")), Is.EqualTo((0, 0)));

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { DryRunDefault = null });
        CertificateRenewalRun live = (await Cluster.WaitForFinishedRunsAsync(policy.Name, 2))[1];
        Assert.That((live.Status!.Phase, live.Status.CurrentStep, live.Status.Reason), Is.EqualTo((RunPhase.NeedsManual, StepName.Deploy, "ImportRefused")), live.Status.Message);
        Assert.That(live.Status.Message, Does.Contain(told).And.EndWith("The Secret holds the new certificate."));
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready"), "to be ready: the Secret is written");

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { Key = new KeySpec { Algorithm = PrivateKeyAlgorithm.Rsa, Size = 2048 } });
        await WaitForImportAsync(policy, 1);
        Assert.That((_aws.Acm.Certificates.Single().Arn, Cluster.Acme.OrdersPlaced), Is.EqualTo((certificate.Arn, 2)));
    }

    /// <summary>Waits until the policy knows that ACM has what the Secret holds.</summary>
    private async Task<(FakeAcmCertificate Certificate, Secret Secret)> WaitForImportAsync(PolicyBuilder policy, int imports)
    {
        CertificateRenewalPolicy known = await Cluster.WaitForPolicyAsync(
            policy.Name,
            p => _aws.Acm.Certificates.Count == 1 && _aws.Acm.Certificates.Single().Imports == imports && p.Status is { Phase: PolicyPhase.Idle, Targets: [{ } target] } && target.Fingerprint == ImportedFingerprint() && p.Status.Fingerprint == target.Fingerprint,
            $"to know of import {imports}");
        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        FakeAcmCertificate certificate = _aws.Acm.Certificates.Single();
        using var pair = PairWatcher.PairOf(secret);
        Assert.That(known.Status!.Targets!.Single(), Has.Property("RemoteId").EqualTo(certificate.Arn).And.Property("Fingerprint").EqualTo(Convert.ToHexStringLower(pair.GetCertHash(HashAlgorithmName.SHA256))));
        Assert.That(Encoding.ASCII.GetString(secret.Data!["tls.crt"]), Does.StartWith(certificate.ImportedPem!));
        Assert.That(certificate.ImportedKeyPem, Is.EqualTo(Encoding.ASCII.GetString(secret.Data["tls.key"])));
        return (certificate, secret);
    }

    private string ImportedFingerprint()
    {
        using X509Certificate2 imported = X509Certificate2.CreateFromPem(_aws.Acm.Certificates.Single().ImportedPem);
        return Convert.ToHexStringLower(imported.GetCertHash(HashAlgorithmName.SHA256));
    }

    private PolicyBuilder Policy(string name = "www", string secret = "aws", string? arn = null)
        => new PolicyBuilder(Cluster, name).With(s => s with
        {
            Deploy = new DeploySpec
            {
                Targets = [new DeployTargetSpec { AwsAcm = new AwsAcmTargetConfig { Region = FakeAws.Region, Endpoint = _aws.Address.AbsoluteUri, CaBundle = _aws.CaPem, CredentialsSecretName = secret, CertificateArn = arn } }],
            },
        });
}
