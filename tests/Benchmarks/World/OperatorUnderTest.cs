using System.Diagnostics;
using System.Globalization;
using CertOperator.TestSupport;

namespace CertOperator.Benchmarks.World;

/// <summary>The operator as users run it: a process of its own, with its defaults.</summary>
public sealed class OperatorUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly TemporaryDirectory _directory = new();
    private readonly string? _logFolder;
    private readonly ToolProcess _process;
    private readonly Uri _metrics;
    private readonly Uri _ready;

    private OperatorUnderTest(BenchWorld world, string? logFolder, IReadOnlyList<string> arguments)
    {
        _logFolder = logFolder;
        var (metrics, health) = (FreePort.Next(), FreePort.Next());
        _metrics = new Uri($"http://127.0.0.1:{metrics}/metrics");
        _ready = new Uri($"http://127.0.0.1:{health}/readyz");
        var configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/')))!;
        string[] command =
        [
            "dotnet", Repository.PathOf("src", "Operator", "bin", configuration, "net10.0", "certoperator.dll"), "run",
            "--kubeconfig", world.ControlPlane.KubeconfigPath,
            "--http01-listen", $"127.0.0.1:{world.Pebble.HttpPort}",
            "--metrics-listen", $"127.0.0.1:{metrics}",
            "--metrics-auth", "false",
            "--health-listen", $"127.0.0.1:{health}",
            "--egress-allow", "127.0.0.0/8",
            "--lease-namespace", "default",
            .. arguments,
        ];
        Started = Stopwatch.GetTimestamp();

        // The log goes straight to a file: reading it would cost this program time that is measured.
        _process = ToolProcess.Start("bash", ["-c", $"exec {string.Join(' ', command.Select(c => $"'{c}'"))} >'{_directory.File("operator.log")}' 2>&1"]);
    }

    /// <summary>The <see cref="Stopwatch"/> time stamp of the start.</summary>
    public long Started { get; }

    public int ProcessId => _process.Id;

    public static async Task<OperatorUnderTest> StartAsync(BenchWorld world, BenchOptions options, CancellationToken cancellationToken, params string[] arguments)
    {
        var started = new OperatorUnderTest(world, options.LogFolder, arguments);
        try
        {
            await Eventually.TrueAsync(started.IsReadyAsync, StartDeadline, $"the operator; its log ends with:\n{started.LogTail()}", cancellationToken);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async Task<MetricsPage> MetricsAsync(CancellationToken cancellationToken) => new(await Http.GetStringAsync(_metrics, cancellationToken));

    /// <summary>Reads /metrics as Prometheus does and throws it away.</summary>
    public async Task<(TimeSpan Took, int Bytes)> ScrapeAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var page = await Http.GetByteArrayAsync(_metrics, cancellationToken);
        return (Stopwatch.GetElapsedTime(started), page.Length);
    }

    /// <summary>Waits until no request was made for a second but those that never end: the Lease's, and the look at each policy's Secret.</summary>
    public async Task QuietAsync(CancellationToken cancellationToken)
    {
        var before = await MetricsAsync(cancellationToken);
        var last = string.Empty;
        for (var tries = 0; tries < 120; tries++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            var now = await MetricsAsync(cancellationToken);
            var requests = now.RequestsSince(before);
            requests.Remove("get secrets");
            if (requests.Count == 0)
            {
                return;
            }

            before = now;
            last = MetricsPage.Describe(requests);
        }

        throw new TimeoutException($"The operator did not come to rest within two minutes. Its requests of the last second: {last}.");
    }

    /// <summary>Resident memory in MB (2^20 bytes).</summary>
    public async Task<double> ResidentMegabytesAsync()
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{ProcessId}/status")).First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Processor time used so far.</summary>
    public TimeSpan ProcessorTime() => ProcessorTimes.OfProcess(ProcessId);

    public async ValueTask DisposeAsync()
    {
        _process.Signal(ToolSignal.Terminate);
        await _process.WaitForExitAsync(TimeSpan.FromSeconds(40));
        await _process.DisposeAsync();
        if (_logFolder is not null && File.Exists(_directory.File("operator.log")))
        {
            Directory.CreateDirectory(_logFolder);
            File.Copy(_directory.File("operator.log"), Path.Combine(_logFolder, $"operator-{ProcessName()}.log"), overwrite: true);
        }

        _directory.Dispose();
    }

    private string ProcessName() => Started.ToString(CultureInfo.InvariantCulture);

    private string LogTail() => File.Exists(_directory.File("operator.log")) ? string.Join('\n', File.ReadLines(_directory.File("operator.log")).TakeLast(20)) : "nothing";

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The operator ended:\n{LogTail()}");
        }

        using var response = await Http.GetAsync(_ready, cancellationToken);
        return response.IsSuccessStatusCode;
    }
}
