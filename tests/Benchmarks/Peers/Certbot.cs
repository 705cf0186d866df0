using CertOperator.Benchmarks.World;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.Peers;

/// <summary>certbot with its standalone web server.</summary>
public sealed class Certbot : IPeer
{
    private readonly TemporaryDirectory _directory = new();

    public string Name => "certbot";

    public Task PrepareAsync(BenchWorld world, CancellationToken cancellationToken)
        => RunAsync(world, ["register", "--agree-tos", "--register-unsafely-without-email"], cancellationToken);

    public async Task<(string Certificate, string Key)> IssueAsync(BenchWorld world, string hostname, CancellationToken cancellationToken)
    {
        await RunAsync(
            world,
            ["certonly", "--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", $"{world.Pebble.HttpPort}", "--key-type", "ecdsa", "-d", hostname],
            cancellationToken);
        var live = Path.Combine(_directory.Path, "config", "live", hostname);
        return (Path.Combine(live, "fullchain.pem"), Path.Combine(live, "privkey.pem"));
    }

    public void Dispose() => _directory.Dispose();

    private Task RunAsync(BenchWorld world, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
        => ToolProcess.RunAsync(
            "certbot",
            [
                .. arguments, "--non-interactive", "--server", world.Pebble.DirectoryUrl.AbsoluteUri,
                "--config-dir", _directory.File("config"), "--work-dir", _directory.File("work"), "--logs-dir", _directory.File("logs"),
            ],
            new ToolOptions { Environment = new Dictionary<string, string?> { ["REQUESTS_CA_BUNDLE"] = Path.Combine(world.Pebble.Directory, "ca.pem") } },
            cancellationToken);
}
