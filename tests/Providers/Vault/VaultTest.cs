using System.Net;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Issuance;
using CertOperator.Providers.Vault;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Vault;
using NUnit.Framework;

namespace CertOperator.Providers.Tests.Vault;

/// <summary>A Vault of our own, a clock that both sides go by, and an AppRole that may do what a test grants.</summary>
internal abstract class VaultTest
{
    protected const string SecretId = "a secret id, with \"odd\" characters";

    private EgressHttpClients _http = null!;

    protected FakeVault Vault { get; private set; } = null!;

    protected ManualTimeProvider Time { get; private set; } = null!;

    /// <summary>Shares its tokens among all clients that it makes.</summary>
    protected VaultClients Clients { get; private set; } = null!;

    [SetUp]
    public async Task StartAsync()
    {
        Time = new ManualTimeProvider();
        Vault = await FakeVault.StartAsync(Time);
        _http = new EgressHttpClients(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), new SystemAddressResolver(), TimeProvider.System), TimeProvider.System);
        Clients = new VaultClients(_http, Time);
        Vault.Tokens.AddAppRole("approle", "certoperator", SecretId, new FakeTokenShape("operator"));
    }

    [TearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await Vault.DisposeAsync();
    }

    protected VaultClient Client(VaultLogin? login = null, string? @namespace = null) => Clients.Create(Server(login, @namespace));

    protected VaultServer Server(VaultLogin? login = null, string? @namespace = null)
        => new()
        {
            Field = "spec.keyBackendConfig.vault",
            Address = Vault.Address,
            Namespace = @namespace,
            CaBundle = Vault.CaPem,
            Login = login ?? new VaultLogin.AppRole("approle", "certoperator", SecretId) { Field = "spec.keyBackendConfig.vault.auth.appRole" },
        };

    protected static VaultLogin.Token TokenLogin(string token) => new(token) { Field = "spec.keyBackendConfig.vault.auth.token.secretName" };

    protected void Grant(params (string Path, string Capabilities)[] lines) => Vault.Tokens.SetPolicy("operator", lines);

    protected static async Task<IssuanceException> RefusalAsync(Func<Task> action) => (await Assert.ThrowsAsync<IssuanceException>(action))!;

    /// <summary>What was asked of the fake, without looking after tokens.</summary>
    protected IReadOnlyList<string> Asked => [.. Vault.Requests.Where(r => !r.Path.StartsWith("auth/", StringComparison.Ordinal)).Select(r => r.ToString())];
}
