using System.Globalization;

namespace CertOperator.TestSupport;

/// <summary>An Alertmanager of one's own, as a process.</summary>
public sealed class AlertmanagerServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly TemporaryDirectory _directory = new();
    private readonly ToolProcess _process;

    private AlertmanagerServer(string configuration, IReadOnlyDictionary<string, string> files)
    {
        foreach ((string name, string content) in files)
        {
            File.WriteAllText(_directory.File(name), content);
        }

        EndPoint = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");
        File.WriteAllText(_directory.File("alertmanager.yml"), configuration.Replace("/etc/alertmanager/secrets", _directory.Path, StringComparison.Ordinal));
        _process = ToolProcess.Start(
            "prometheus-alertmanager",
            [
                $"--config.file={_directory.File("alertmanager.yml")}",
                $"--storage.path={_directory.File("data")}",
                $"--web.listen-address={EndPoint}",
                "--cluster.listen-address=",
            ]);
    }

    /// <summary>host:port.</summary>
    public string EndPoint { get; }

    /// <summary>The end of what it has logged.</summary>
    public IReadOnlyList<string> Log => [.. _process.ErrorLines.TakeLast(20)];

    /// <summary>Ready when the task completes.</summary>
    /// <param name="configuration">In which <c>/etc/alertmanager/secrets</c> stands for the folder of the files.</param>
    /// <param name="files">Names and contents.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<AlertmanagerServer> StartAsync(string configuration, IReadOnlyDictionary<string, string> files, CancellationToken ct = default)
    {
        await ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["alertmanager"], ct: ct);
        var server = new AlertmanagerServer(configuration, files);
        try
        {
            await Eventually.TrueAsync(async c => (await Http.GetAsync(new Uri($"http://{server.EndPoint}/-/ready"), c)).IsSuccessStatusCode, StartDeadline, "Alertmanager to be ready", ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
