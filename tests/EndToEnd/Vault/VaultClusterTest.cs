using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.Providers.Keys;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Vault;

/// <summary>A Vault of our own beside the cluster, which asks the cluster whose tokens are good.</summary>
public abstract class VaultClusterTest : ClusterTest
{
    private const string SecretId = "s3cr3t-1d";

    private FakeVault? _vault;

    protected FakeVault Vault => _vault ?? throw new InvalidOperationException("The test has not started yet.");

    protected FakeTransit Transit { get; private set; } = null!;

    protected FakeKv Kv { get; private set; } = null!;

    protected FakePki Pki { get; private set; } = null!;

    protected static VaultAuthConfig AppRole { get; } = new() { AppRole = new VaultAppRoleAuth { RoleId = "certoperator", SecretName = "vault-approle" } };

    [SetUp]
    public async Task StartVaultAsync()
    {
        _vault = await FakeVault.StartAsync();
        Transit = Vault.Mount("transit", new FakeTransit());
        Kv = Vault.Mount("kv", new FakeKv());
        var root = TestAuthority.CreateRoot(TimeProvider.System, "Vault Root");
        var issuing = root.CreateIntermediate("Vault Issuing");
        Pki = Vault.Mount("pki", new FakePki(issuing, TimeProvider.System) { CaChain = [root.Pem, issuing.Pem] });
        Pki.Roles["web"] = new FakePkiRole("example.com");
        Vault.Tokens.AddAppRole("approle", "certoperator", SecretId, new FakeTokenShape("operator"));
        Vault.Tokens.SetPolicy(
            "operator",
            ("transit/keys/*", "read,update"),
            ("transit/sign/*", "update"),
            ("kv/data/*", "read,create,update"),
            ("kv/destroy/*", "update"),
            ("pki/sign/web", "update"));
        Vault.Tokens.ReviewAsync = ReviewAsync;
        await Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = "vault-approle", Namespace = Cluster.Namespace }, Type = "Opaque", Data = new Dictionary<string, byte[]> { ["secretId"] = Encoding.ASCII.GetBytes(SecretId) } },
            CancellationToken.None);
    }

    [TearDown]
    public async Task StopVaultAsync()
    {
        if (_vault is not null)
        {
            await _vault.DisposeAsync();
        }
    }

    protected PolicyBuilder WithKey(PolicyBuilder policy, Func<VaultKeyConfig, VaultKeyConfig>? change = null)
        => policy.With(s => s with
        {
            KeyBackend = KeyBackendKind.Vault,
            KeyBackendConfig = new KeyBackendConfig { Vault = (change ?? (c => c))(new VaultKeyConfig { Address = Vault.Address.AbsoluteUri, CaBundle = Vault.CaPem, Auth = AppRole }) },
        });

    protected PolicyBuilder WithPki(PolicyBuilder policy, VaultAuthConfig auth)
        => policy.With(s => s with
        {
            Provider = CertificateProviderKind.VaultPki,
            ProviderConfig = new ProviderConfig { VaultPki = new VaultPkiConfig { Address = Vault.Address.AbsoluteUri, CaBundle = Vault.CaPem, Role = "web", Auth = auth, DurationSeconds = 86_400 } },
        });

    protected Task<Secret> SecretOfAsync(PolicyBuilder policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);

    protected static KeyReference ReferenceIn(Secret secret)
        => KeyReference.Parse(secret.Data!["key-reference"]) ?? throw new AssertionException("The Secret holds no reference.");

    /// <summary>The public key of a certificate, as openssl reads it.</summary>
    protected static async Task<string> PublicKeyAsync(byte[] certificate)
        => (await ToolProcess.RunAsync("openssl", ["x509", "-pubkey", "-noout"], new ToolOptions { Input = Encoding.ASCII.GetString(certificate) })).Output.Trim();

    /// <summary>What the real auth method does: it asks the API server.</summary>
    private async Task<(string Account, IReadOnlyList<string> Audiences)?> ReviewAsync(string token)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray("vault") },
        };
        var status = JsonNode.Parse(await Cluster.ControlPlane.KubectlAsync(["create", "-f", "-", "-o", "json"], review.ToJsonString()))!["status"]!;
        return status["authenticated"]?.GetValue<bool>() == true
            ? (status["user"]!["username"]!.GetValue<string>()["system:serviceaccount:".Length..].Replace(':', '/'), [.. status["audiences"]!.AsArray().Select(a => a!.GetValue<string>())])
            : null;
    }
}
