using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Aws;
using CertOperator.TestSupport.Proxies;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.EndToEnd.KeyBackends;

/// <summary>A master key that is decrypted by KMS or Vault when the operator starts.</summary>
public sealed class WrappedMasterKeyTests : ClusterTest
{
    private static readonly byte[] Master = RandomNumberGenerator.GetBytes(32);

    [Test]
    public async Task A_staged_key_opens_after_a_restart_under_a_master_key_that_KMS_unwraps_for_a_web_identity()
    {
        using var directory = new TemporaryDirectory();
        await using FakeAws aws = await FakeAws.StartAsync();
        FakeKmsKey key = aws.Kms.Create("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        string role = aws.Sts.AddRole("certoperator", webIdentityToken: "first.token");
        await File.WriteAllTextAsync(directory.File("token"), "first.token");
        await File.WriteAllTextAsync(directory.File("ca"), aws.CaPem);
        await File.WriteAllTextAsync(directory.File("keys"), $"wrapped aws-kms:{Convert.ToBase64String(key.Encrypt(Master, ("certoperator", "master-key")))}");
        var settings = new OperatorSettings
        {
            Flags =
            [
                "--master-key-file", directory.File("keys"), "--master-key-kms-key", key.Arn,
                "--master-key-kms-endpoint", aws.Address.AbsoluteUri, "--master-key-ca-file", directory.File("ca"),
            ],
            Environment = WebIdentity(aws, role, directory),
        };

        OperatorUnderTest victim = await Cluster.StartOperatorAsync(settings);
        Task killed = KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge).KillAt(Cluster, victim);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await killed.WaitAsync(Deadlines.Run);
        byte[] staged = (await StateAsync(policy)).Data!["staged.key"];
        Assert.That(Encoding.ASCII.GetString(staged), Does.StartWith("sealed:v1:wrapped:"));

        // It starts, says what is wrong, does no work and goes on when that is mended.
        aws.Sts.AddRole("certoperator", webIdentityToken: "second.token");
        OperatorUnderTest second = await Cluster.StartOperatorAsync(settings with { WaitUntilReady = false });
        await Eventually.TrueAsync(() => second.LogLines.Any(l => l.Contains("No work is done before the master keys can be used", StringComparison.Ordinal)), Deadlines.Start, "the refusal in the log");
        Assert.That(second.HasExited, Is.False);
        await File.WriteAllTextAsync(directory.File("token"), "second.token");
        await Cluster.WaitUntilReadyAsync(policy.Name);

        CertificateRenewalRun run = (await Cluster.RunsOfAsync(policy.Name)).Single();
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That((await StateAsync(policy)).Data!["staged.key"], Is.EqualTo(staged), "the key that the first one had staged");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(aws.Requests.Select(r => (r.Action, r.User.Arn.Split('/')[1])), Has.All.EqualTo(("kms:Decrypt", "certoperator")));
        Assert.That(aws.Requests, Has.Count.EqualTo(2), "once for each start");
        Assert.That(aws.Violations, Is.Empty);
        Assert.That((await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name), Has.None.EqualTo("certoperator-master-key"));
    }

    [Test]
    public async Task A_plain_master_key_is_rotated_to_one_that_Vault_unwraps()
    {
        using var directory = new TemporaryDirectory();
        await using FakeVault vault = await FakeVault.StartAsync();
        FakeTransit transit = vault.Mount("transit", new FakeTransit());
        FakeTransitKey key = transit.Keys["certoperator"] = FakeTransitKey.Create("aes256-gcm96");
        vault.Tokens.AddAppRole("approle", "certoperator", "s3cr3t-1d", new FakeTokenShape("operator"));
        vault.Tokens.SetPolicy("operator", ("transit/decrypt/certoperator", "update"));
        await File.WriteAllTextAsync(directory.File("ca"), vault.CaPem);
        await File.WriteAllTextAsync(directory.File("secret-id"), "s3cr3t-1d\n");
        string plain = "plain " + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(directory.File("keys"), plain);
        var settings = new OperatorSettings
        {
            Flags =
            [
                "--master-key-file", directory.File("keys"), "--master-key-vault-address", vault.Address.AbsoluteUri, "--master-key-vault-key", "transit/certoperator",
                "--master-key-vault-auth", "approle", "--master-key-vault-role", "certoperator", "--master-key-vault-credential-file", directory.File("secret-id"),
                "--master-key-ca-file", directory.File("ca"),
            ],
        };
        OperatorUnderTest first = await Cluster.StartOperatorAsync(settings);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(Encoding.ASCII.GetString((await StateAsync(policy)).Data!["staged.key"]), Does.StartWith("sealed:v1:plain:"));
        await first.TerminateAsync();

        await File.WriteAllTextAsync(directory.File("keys"), $"wrapped {key.Encrypt(Master)}\n{plain}\n");
        OperatorUnderTest second = await Cluster.StartOperatorAsync(settings);
        await Eventually.TrueAsync(() => second.LogLines.Any(l => l.Contains("Nothing needs plain any more", StringComparison.Ordinal)), Deadlines.Run, "the end of the rotation in the log");
        Assert.That(Encoding.ASCII.GetString((await StateAsync(policy)).Data!["staged.key"]), Does.StartWith("sealed:v1:wrapped:"));
        Assert.That(second.LogLines, Has.None.Contains(Convert.ToBase64String(Master)));
    }

    private Task<Secret> StateAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name($"certoperator-state-{policy.Name}"), CancellationToken.None);

    /// <summary>What EKS sets in a pod, and where the test's own STS is.</summary>
    private static Dictionary<string, string?> WebIdentity(FakeAws aws, string role, TemporaryDirectory directory)
        => new()
        {
            ["AWS_ROLE_ARN"] = role,
            ["AWS_WEB_IDENTITY_TOKEN_FILE"] = directory.File("token"),
            ["AWS_ROLE_SESSION_NAME"] = "certoperator",
            ["AWS_REGION"] = FakeAws.Region,
            ["AWS_ENDPOINT_URL_STS"] = aws.Address.AbsoluteUri,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["SSL_CERT_FILE"] = directory.File("ca"),
        };
}
