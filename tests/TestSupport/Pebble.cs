using System.Globalization;

namespace CertOperator.TestSupport;

/// <summary>A Pebble certificate authority of one's own, as a process, with a DNS server that answers every name with 127.0.0.1.</summary>
public sealed class Pebble : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lazy<HttpClient> _client;
    private IReadOnlyDictionary<string, string> _variables = new Dictionary<string, string>();

    private Pebble() => _client = new Lazy<HttpClient>(CreateHttpClient);

    /// <summary>The folder with configuration and logs.</summary>
    public string Directory => _directory.Path;

    public Uri DirectoryUrl => new(_variables["PEBBLE_DIRECTORY"]);

    /// <summary>The address of Pebble's management interface, which <see cref="CaPem"/> covers too.</summary>
    public Uri Management => new(_variables["PEBBLE_MANAGEMENT"]);

    /// <summary>The authority of Pebble's own HTTPS certificate (not of the certificates that it issues).</summary>
    public string CaPem => File.ReadAllText(_directory.File("ca.pem"));

    /// <summary>Where challenges of type http-01 are asked for, on 127.0.0.1.</summary>
    public int HttpPort => int.Parse(_variables["PEBBLE_HTTP_PORT"], CultureInfo.InvariantCulture);

    /// <summary>Where the DNS server is that Pebble asks, <c>host:port</c>.</summary>
    public string DnsServer => _variables["PEBBLE_DNS"];

    /// <summary>What the DNS server answers. Not there when <see cref="PebbleOptions.DnsServer"/> named another.</summary>
    public ChallTestSrv Dns => new(new Uri(_variables["CHALLTESTSRV"]), _client.Value);

    /// <summary>Everything that Pebble has logged, over restarts.</summary>
    public string Log => File.ReadAllText(_directory.File("pebble.log"));

    /// <summary>Orders placed since the start, over restarts, by Pebble's own account.</summary>
    public int OrdersPlaced => Log.Split("Added order ").Length - 1;

    /// <summary>Certificates issued since the start, over restarts, by Pebble's own account.</summary>
    public int CertificatesIssued => Log.Split("Issued certificate serial ").Length - 1;

    public static async Task<Pebble> StartAsync(PebbleOptions? options = null, CancellationToken ct = default)
    {
        var pebble = new Pebble();
        try
        {
            await pebble.ScriptAsync("up", (options ?? new PebbleOptions()).ToArguments(), ct);
            pebble._variables = ShellVariables.Read(pebble._directory.File("env"));
            return pebble;
        }
        catch
        {
            await pebble.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restarts it on the same ports. Accounts, orders and issuing authorities are gone.</summary>
    public Task RestartAsync(CancellationToken ct = default) => ScriptAsync("restart", [], ct);

    /// <summary>The root certificate of a chain as PEM; 0 is the default one.</summary>
    public Task<string> GetRootAsync(int chain = 0, CancellationToken ct = default) => GetAsync($"/roots/{chain}", ct);

    /// <summary>The intermediate certificate of a chain as PEM; 0 is the default one.</summary>
    public Task<string> GetIntermediateAsync(int chain = 0, CancellationToken ct = default) => GetAsync($"/intermediates/{chain}", ct);

    /// <summary>What Pebble says of a certificate that it issued; <paramref name="serial"/> in hexadecimal. JSON with a field <c>Status</c>.</summary>
    public Task<string> GetCertificateStatusAsync(string serial, CancellationToken ct = default) => GetAsync($"/cert-status-by-serial/{serial}", ct);

    /// <summary>A plain HTTP client that trusts this Pebble.</summary>
    public HttpClient CreateHttpClient() => PrivateTrust.CreateHttpClient(CaPem);

    public async ValueTask DisposeAsync()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }

        await ScriptAsync("down", [], CancellationToken.None);
        _directory.Dispose();
    }

    private Task<string> GetAsync(string path, CancellationToken ct) => _client.Value.GetStringAsync(new Uri(Management, path), ct);

    private Task<ToolResult> ScriptAsync(string action, IEnumerable<string> options, CancellationToken ct) =>
        ToolProcess.RunAsync(Repository.PathOf("hack", "pebble.sh"), [action, "--dir", Directory, .. options], null, ct);
}
