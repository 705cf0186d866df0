using System.Globalization;
using System.Text.Json.Nodes;

namespace CertOperator.TestSupport;

/// <summary>A Prometheus of one's own, as a process, that scrapes and evaluates every second.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly TemporaryDirectory _directory = new();
    private readonly ToolProcess _process;

    private PrometheusServer(IReadOnlyList<string> targets, string rules, string? alertmanager)
    {
        int port = FreePort.Next();
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        File.WriteAllText(_directory.File("rules.yml"), rules);
        Targets(targets);
        File.WriteAllText(_directory.File("prometheus.yml"), $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
            rule_files: [rules.yml]
            scrape_configs:
              - job_name: certoperator
                honor_labels: true
                file_sd_configs:
                  - files: [targets.json]
            alerting:
              alertmanagers:
                - static_configs:
                    - targets: [{{alertmanager}}]
            """);
        _process = ToolProcess.Start(
            "prometheus",
            [
                $"--config.file={_directory.File("prometheus.yml")}",
                $"--storage.tsdb.path={_directory.File("data")}",
                $"--web.listen-address=127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}",
            ]);
    }

    public Uri Address { get; }

    /// <summary>Ready when the task completes.</summary>
    /// <param name="targets">host:port of what is scraped.</param>
    /// <param name="rules">A file of rules.</param>
    /// <param name="alertmanager">host:port; null for none.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<PrometheusServer> StartAsync(IReadOnlyList<string> targets, string rules, string? alertmanager = null, CancellationToken ct = default)
    {
        await ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["promtool"], ct: ct);
        var server = new PrometheusServer(targets, rules, alertmanager);
        try
        {
            await Eventually.TrueAsync(async c => (await Http.GetAsync(new Uri(server.Address, "/-/ready"), c)).IsSuccessStatusCode, StartDeadline, $"Prometheus to be ready ({string.Join('\n', server._process.ErrorLines.TakeLast(5))})", ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Scrapes these from now on.</summary>
    public void Targets(IReadOnlyList<string> targets)
    {
        // Renamed into place: Prometheus must not read half of it.
        string file = _directory.File("targets.json");
        File.WriteAllText(file + ".new", $$"""[{"targets": [{{string.Join(", ", targets.Select(t => $"\"{t}\""))}}]}]""");
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>What <c>/api/v1/rules</c> says of each rule: its name, and what is wrong with it.</summary>
    public async Task<IReadOnlyList<(string Name, string Health, string? Error)>> RulesAsync(CancellationToken ct = default)
    {
        JsonNode answer = JsonNode.Parse(await Http.GetStringAsync(new Uri(Address, "/api/v1/rules"), ct))!;
        return
        [
            .. answer["data"]!["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray())
                .Select(r => (r!["name"]!.GetValue<string>(), r["health"]!.GetValue<string>(), r["lastError"]?.GetValue<string>())),
        ];
    }

    /// <summary>The samples that an expression has now: labels and value.</summary>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, string Value)>> QueryAsync(string expression, CancellationToken ct = default)
    {
        JsonNode answer = JsonNode.Parse(await Http.GetStringAsync(new Uri(Address, $"/api/v1/query?query={Uri.EscapeDataString(expression)}"), ct))!;
        return
        [
            .. answer["data"]!["result"]!.AsArray().Select(s => (
                (IReadOnlyDictionary<string, string>)s!["metric"]!.AsObject().ToDictionary(l => l.Key, l => l.Value!.GetValue<string>(), StringComparer.Ordinal),
                s["value"]![1]!.GetValue<string>())),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
