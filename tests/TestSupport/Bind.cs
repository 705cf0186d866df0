using System.Globalization;

namespace CertOperator.TestSupport;

/// <summary>A BIND name server of one's own, as a process.</summary>
public sealed class Bind : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private readonly BindOptions _options;
    private readonly int _controlPort = FreePort.Next();
    private ToolProcess? _process;

    private Bind(BindOptions options) => _options = options;

    /// <summary>On 127.0.0.1, UDP and TCP.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>host:port.</summary>
    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>What it has logged, such as the updates that it took or refused.</summary>
    public IReadOnlyList<string> Log => [.. _process!.OutputLines, .. _process.ErrorLines];

    /// <summary>Ready when the task completes: every zone is served, those of a secondary too.</summary>
    public static async Task<Bind> StartAsync(BindOptions options, CancellationToken ct = default)
    {
        var bind = new Bind(options);
        try
        {
            bind.WriteConfiguration();
            bind._process = ToolProcess.Start("named", ["-g", "-c", bind._directory.File("named.conf"), "-n", "1"]);
            await bind._process.WaitForLineAsync(line => line.EndsWith("] running", StringComparison.Ordinal) || line.EndsWith(" running", StringComparison.Ordinal), StartDeadline, ct);
            foreach (BindZone zone in options.Zones)
            {
                await Eventually.TrueAsync(async c => (await bind.DigAsync(zone.Name, "SOA", c)).Count > 0, StartDeadline, $"zone {zone.Name} to be served", ct);
            }

            return bind;
        }
        catch
        {
            await bind.DisposeAsync();
            throw;
        }
    }

    /// <summary>The values of the TXT records at a name.</summary>
    public async Task<IReadOnlyList<string>> TxtAsync(string name, CancellationToken ct = default) =>
        [.. (await DigAsync(name, "TXT", ct)).Where(line => line.StartsWith('"')).Select(line => line.Trim('"')).Order(StringComparer.Ordinal)];

    /// <summary>What a name is an alias of; null where it is none.</summary>
    public async Task<string?> CnameAsync(string name, CancellationToken ct = default) =>
        (await DigAsync(name, "CNAME", ct)).FirstOrDefault(line => line.EndsWith('.'))?.TrimEnd('.');

    /// <summary>Has the server do something, such as <c>freeze</c> or <c>refresh</c> a zone.</summary>
    public Task ControlAsync(params string[] command) =>
        ToolProcess.RunAsync("rndc", ["-c", _directory.File("rndc.conf"), .. command]);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task<IReadOnlyList<string>> DigAsync(string name, string type, CancellationToken ct)
    {
        ToolResult result = await ToolProcess.RunAsync(
            "dig",
            ["+short", "+norecurse", "+time=2", "+tries=2", "@127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), name, type],
            new ToolOptions { AllowFailure = true },
            ct);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !line.StartsWith(';'))];
    }

    private void WriteConfiguration()
    {
        string directory = _directory.Path;
        string secret = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        string control = $$"""key "control" { algorithm hmac-sha256; secret "{{secret}}"; };""";
        IEnumerable<string> keys = _options.Keys.Select(k => $$"""key "{{k.Name}}" { algorithm {{k.Algorithm}}; secret "{{k.Secret}}"; };""");
        File.WriteAllText(_directory.File("named.conf"), $$"""
            {{control}}
            {{string.Join('\n', keys)}}
            controls { inet 127.0.0.1 port {{_controlPort}} allow { 127.0.0.1; } keys { "control"; }; };
            options {
              directory "{{directory}}";
              pid-file "{{directory}}/named.pid";
              session-keyfile "{{directory}}/session.key";
              lock-file none;
              listen-on port {{Port}} { 127.0.0.1; };
              listen-on-v6 { none; };
              recursion {{(_options.FollowAliases ? "yes" : "no")}};
              forward only;
              forwarders port {{FreePort.Next()}} { 127.0.0.1; };
              dnssec-validation no;
              notify no;
              allow-transfer { 127.0.0.0/8; };
            };
            {{string.Join('\n', _options.Zones.Select(Declaration))}}
            """);
        File.WriteAllText(_directory.File("rndc.conf"), $$"""
            {{control}}
            options { default-key "control"; default-server 127.0.0.1; default-port {{_controlPort}}; };
            """);
        foreach (BindZone zone in _options.Zones.Where(z => z.PrimaryPort is null))
        {
            File.WriteAllText(_directory.File($"{zone.Name}.zone"), $"""
                $TTL 60
                @ SOA ns1 hostmaster 1 3600 600 86400 1
                @ NS ns1
                ns1 A 127.0.0.1
                {string.Join('\n', zone.Records)}

                """);
        }
    }

    private static string Declaration(BindZone zone)
    {
        string role = zone.PrimaryPort is { } port
            ? $"type secondary; primaries port {port} {{ 127.0.0.1; }};"
            : $"type primary; {(zone.UpdatedBy is null ? "" : $"update-policy {{ grant {zone.UpdatedBy} zonesub ANY; }};")}";
        return $"zone \"{zone.Name}\" {{ {role} file \"{zone.Name}.zone\"; }};";
    }
}
