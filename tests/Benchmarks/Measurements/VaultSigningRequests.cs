using System.Net;
using CertOperator.Benchmarks.Reporting;
using CertOperator.Providers.Egress;
using CertOperator.Providers.Keys;
using CertOperator.Providers.Keys.Vault;
using CertOperator.Providers.Pki;
using CertOperator.Providers.Vault;
using CertOperator.TestSupport.Vault;

namespace CertOperator.Benchmarks.Measurements;

/// <summary>
/// A signing request whose key is in Transit, next to one whose key is here. The server is a fake of ours on loopback with real keys, so the
/// difference is what the operator and TLS add, and not how fast a Vault is.
/// </summary>
public sealed class VaultSigningRequests : IMeasurement
{
    private static readonly KeyWish Wish = new(KeyAlgorithm.Ecdsa, 256, Rotate: true, null);

    public IReadOnlyList<string> Figures { get; } = ["vault_csr_seconds", "local_csr_seconds"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        await using var server = await FakeVault.StartAsync();
        server.Mount("transit", new FakeTransit());
        using var http = new EgressHttpClients(new EgressDialer(new EgressPolicy([IPNetwork.Parse("127.0.0.1/32")]), new SystemAddressResolver(), TimeProvider.System), TimeProvider.System);
        var vault = new VaultClients(http, TimeProvider.System).Create(new VaultServer
        {
            Field = "bench",
            Address = server.Address,
            CaBundle = server.CaPem,
            Login = new VaultLogin.Token(server.Tokens.Create(new FakeTokenShape("root") { Ttl = null })) { Field = "bench" },
        });
        using var remote = await new VaultTransitKeys(vault, "transit", "bench").PrepareAsync(Wish, cancellationToken);
        var (inVault, here) = await SigningRequests.CompareAsync(remote, options, cancellationToken);

        sheet.Add(new Figure("vault_csr_seconds", inVault.Median(), "s", Aim.AtMost(0.05), SigningRequests.Milliseconds(inVault) + "; P-256 in Transit of a fake on loopback, with the signature verified"));
        sheet.Add(new Figure("local_csr_seconds", here.Median(), "s", null, SigningRequests.Milliseconds(here) + "; the same with a key at hand"));
    }
}
