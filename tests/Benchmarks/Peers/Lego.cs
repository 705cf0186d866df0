using CertOperator.Benchmarks.World;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.Peers;

/// <summary>lego with its built-in web server.</summary>
public sealed class Lego : IPeer
{
    private readonly TemporaryDirectory _directory = new();

    public string Name => "lego";

    /// <summary>lego registers an account on its first issuance.</summary>
    public Task PrepareAsync(BenchWorld world, CancellationToken cancellationToken) => IssueAsync(world, "first.lego.bench.example.com", cancellationToken);

    public async Task<(string Certificate, string Key)> IssueAsync(BenchWorld world, string hostname, CancellationToken cancellationToken)
    {
        await ToolProcess.RunAsync(
            "lego",
            [
                "--path", _directory.Path, "--server", world.Pebble.DirectoryUrl.AbsoluteUri, "--accept-tos", "--email", "bench@example.com",
                "--http", "--http.port", $"127.0.0.1:{world.Pebble.HttpPort}", "--domains", hostname, "run",
            ],
            new ToolOptions { Environment = new Dictionary<string, string?> { ["LEGO_CA_CERTIFICATES"] = Path.Combine(world.Pebble.Directory, "ca.pem") } },
            cancellationToken);
        var certificates = Path.Combine(_directory.Path, "certificates");
        return (Path.Combine(certificates, $"{hostname}.crt"), Path.Combine(certificates, $"{hostname}.key"));
    }

    public void Dispose() => _directory.Dispose();
}
