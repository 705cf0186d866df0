using System.Diagnostics;
using System.Globalization;
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
    private const string Name = "www.example.com";
    private static readonly KeyWish Wish = new(KeyAlgorithm.Ecdsa, 256, Rotate: true, null);

    public IReadOnlyList<string> Figures { get; } = ["vault_csr_seconds", "local_csr_seconds"];

    public async Task RunAsync(BenchOptions options, FigureSheet sheet, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sheet);
        var rounds = options.Quick ? 20 : 500;
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
        using var local = PrivateKeyPair.Create(Wish.Algorithm, Wish.Size);

        // In turn, so that a change of the machine's mood hits both; the first ones warm up.
        var inVault = new List<double>();
        var here = new List<double>();
        const int WarmUp = 20;
        for (var i = 0; i < WarmUp + rounds; i++)
        {
            var (far, near) = (await MeasureAsync(remote, cancellationToken), await MeasureAsync(local, cancellationToken));
            if (i >= WarmUp)
            {
                inVault.Add(far);
                here.Add(near);
            }
        }

        sheet.Add(new Figure("vault_csr_seconds", inVault.Median(), "s", Aim.AtMost(0.05), Milliseconds(inVault) + "; P-256 in Transit of a fake on loopback, with the signature verified"));
        sheet.Add(new Figure("local_csr_seconds", here.Median(), "s", null, Milliseconds(here) + "; the same with a key at hand"));
    }

    private static string Milliseconds(List<double> values)
        => string.Create(CultureInfo.InvariantCulture, $"{1000 * values.Median():0.00} ms, median of {values.Count}, {1000 * values.Min():0.00} to {1000 * values.Max():0.00}");

    private static async Task<double> MeasureAsync(ICertificateKey key, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await CertificateSigningRequests.CreateDerAsync(key, Name, [Name], [], cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
