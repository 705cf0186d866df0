using System.Globalization;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>What a certificate may be asked for, judged by openssl rather than by the libraries that made it.</summary>
public sealed class KeysAndOutputsTests : ProxiedPoliciesTest, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Every_kind_of_key_name_and_output_arrives_in_the_Secret()
    {
        await CreatePasswordAsync();
        ProxiedPolicy rsa = (await PolicyAsync("rsa")).With(s => s with { Key = new KeySpec { Algorithm = PrivateKeyAlgorithm.Rsa, Size = 2048 } });
        ProxiedPolicy ecdsa = (await PolicyAsync("ecdsa")).With(s => s with { Key = new KeySpec { Algorithm = PrivateKeyAlgorithm.Ecdsa, Size = 384 } });
        ProxiedPolicy address = (await PolicyAsync("address")).With(s => s with { Hostname = "127.0.0.1" });
        ProxiedPolicy hundred = (await PolicyAsync("hundred")).With(s => s with { AdditionalNames = [.. Enumerable.Range(1, 99).Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i}.{s.Hostname}"))] });
        ProxiedPolicy outputs = (await PolicyAsync("outputs")).With(s => s with
        {
            Outputs =
            [
                new SecretOutput { Type = SecretOutputKind.CombinedPem },
                new SecretOutput { Type = SecretOutputKind.Der },
                new SecretOutput { Type = SecretOutputKind.Pkcs12, PasswordSecretName = "password" },
            ],
            SecretTemplate = new SecretTemplate
            {
                Labels = new Dictionary<string, string> { ["team"] = "web" },
                Annotations = new Dictionary<string, string> { ["example.com/note"] = "for the proxy" },
            },
        });
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();

        foreach (ProxiedPolicy policy in Policies)
        {
            await Cluster.WaitUntilReadyAsync(policy.Name);
            AssertIssuedOnce(policy);
        }

        Assert.That(await CertificateTextAsync(rsa), Does.Contain("Public-Key: (2048 bit)").And.Contain("rsaEncryption"));
        Assert.That(await CertificateTextAsync(ecdsa), Does.Contain("NIST CURVE: P-384"));
        Assert.That(await CertificateTextAsync(address), Does.Contain("IP Address:127.0.0.1"));
        Assert.That((await CertificateTextAsync(hundred)).Split("DNS:"), Has.Length.EqualTo(101));
        await AssertOutputsAsync(await SecretOfAsync(outputs));
    }

    [Test]
    public async Task A_key_that_does_not_rotate_is_the_same_after_a_renewal_and_one_that_rotates_is_not()
    {
        ProxiedPolicy kept = (await PolicyAsync("kept")).With(s => s with { Key = new KeySpec { Rotation = KeyRotation.Never } });
        ProxiedPolicy rotated = await PolicyAsync("rotated");
        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        var before = new Dictionary<ProxiedPolicy, Secret>();
        foreach (ProxiedPolicy policy in Policies)
        {
            await Cluster.WaitUntilReadyAsync(policy.Name);
            before[policy] = await SecretOfAsync(policy);
            await Cluster.RequestRenewalAsync(policy.Name, "again");
        }

        foreach (ProxiedPolicy policy in Policies)
        {
            await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
            await Cluster.WaitUntilReadyAsync(policy.Name);
            Secret after = await SecretOfAsync(policy);
            Assert.That(after.Data!["tls.crt"], Is.Not.EqualTo(before[policy].Data!["tls.crt"]), policy.Name);
            Assert.That(after.Data["tls.key"], policy == kept ? Is.EqualTo(before[policy].Data!["tls.key"]) : Is.Not.EqualTo(before[policy].Data!["tls.key"]), policy.Name);
            Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(2), policy.Name);
        }
    }

    private async Task AssertOutputsAsync(Secret secret)
    {
        Assert.That(secret.Metadata.Labels!["team"], Is.EqualTo("web"));
        Assert.That(secret.Metadata.Annotations!["example.com/note"], Is.EqualTo("for the proxy"));
        string publicKey = await OpensslAsync("pkey", "-pubout", "-in", FileOf(secret, "tls.key"));
        Assert.That(await OpensslAsync("pkey", "-pubout", "-in", FileOf(secret, "tls-combined.pem")), Is.EqualTo(publicKey));
        Assert.That(await OpensslAsync("pkey", "-pubout", "-inform", "DER", "-in", FileOf(secret, "key.der")), Is.EqualTo(publicKey));
        Assert.That(await OpensslAsync("x509", "-pubkey", "-noout", "-in", FileOf(secret, "tls-combined.pem")), Is.EqualTo(publicKey));
        string keyStore = await OpensslAsync("pkcs12", "-in", FileOf(secret, "keystore.p12"), "-nodes", "-passin", "pass:open sesame");
        Assert.That(keyStore.Split("BEGIN CERTIFICATE"), Has.Length.EqualTo(3), "the leaf and its issuer");
        await File.WriteAllTextAsync(_directory.File("from-keystore.pem"), keyStore);
        Assert.That(await OpensslAsync("pkey", "-pubout", "-in", _directory.File("from-keystore.pem")), Is.EqualTo(publicKey));
    }

    private async Task<string> CertificateTextAsync(ProxiedPolicy policy) =>
        await OpensslAsync("x509", "-text", "-noout", "-in", FileOf(await SecretOfAsync(policy), "tls.crt"));

    private Task<Secret> SecretOfAsync(ProxiedPolicy policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.Builder.SecretName), CancellationToken.None);

    private string FileOf(Secret secret, string key)
    {
        string path = _directory.File($"{secret.Metadata.Name}-{key}");
        File.WriteAllBytes(path, secret.Data![key]);
        return path;
    }

    private static async Task<string> OpensslAsync(params string[] arguments) => (await ToolProcess.RunAsync("openssl", arguments)).Output;

    private Task CreatePasswordAsync() => Cluster.Secrets.CreateAsync(
        new Secret
        {
            Metadata = new ObjectMeta { Name = "password", Namespace = Cluster.Namespace },
            Type = "Opaque",
            Data = new Dictionary<string, byte[]> { ["password"] = Encoding.ASCII.GetBytes("open sesame") },
        },
        CancellationToken.None);
}
