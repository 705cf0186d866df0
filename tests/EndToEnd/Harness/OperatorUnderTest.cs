using System.Diagnostics;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

/// <summary>The operator as a process of its own, on ports of its own, for the namespace of one test.</summary>
public sealed class OperatorUnderTest : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly TemporaryDirectory _directory = new();
    private readonly ToolProcess _process;

    private OperatorUnderTest(TestCluster cluster, string name, OperatorSettings settings)
    {
        Name = name;
        Http01Port = settings.Http01Port ?? cluster.NextHttp01Port;
        MetricsPort = FreePort.Next();
        HealthPort = FreePort.Next();
        List<string> arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "certoperator.dll"), "run",
            "--kubeconfig", settings.Kubeconfig ?? cluster.Api.KubeconfigPath,
            "--namespaces", string.Join(',', [cluster.Namespace, .. settings.FurtherNamespaces]),
            "--http01-listen", $"127.0.0.1:{Http01Port}",
            "--metrics-listen", $"127.0.0.1:{MetricsPort}",
            "--metrics-auth", settings.MetricsAuth ? "true" : "false",
            "--health-listen", $"127.0.0.1:{HealthPort}",
            "--leader-elect", settings.LeaderElect ? "true" : "false",
            "--lease-namespace", settings.LeaseNamespace ?? cluster.Namespace,
            "--egress-allow", "127.0.0.0/8",
            "--log-format", "text",
            .. settings.Flags,
        ];
        _process = ToolProcess.Start("dotnet", arguments, new ToolOptions { LogFile = LogFile, Environment = settings.Environment });
    }

    /// <summary>For messages: the first one of a test is <c>operator-1</c>.</summary>
    public string Name { get; }

    public int Http01Port { get; }

    public int MetricsPort { get; }

    public int HealthPort { get; }

    public string LogFile => _directory.File($"{Name}.log");

    public IReadOnlyList<string> LogLines => [.. _process.OutputLines, .. _process.ErrorLines];

    public bool HasExited => _process.HasExited;

    internal static OperatorUnderTest Start(TestCluster cluster, string name, OperatorSettings settings) => new(cluster, name, settings);

    /// <summary>Waits until it has read all objects.</summary>
    public Task WaitUntilReadyAsync() => Eventually.TrueAsync(
        async ct => _process.HasExited
            ? throw new InvalidOperationException($"{Name} has ended with exit code {_process.ExitCode}.\n{string.Join('\n', LogLines.TakeLast(30))}")
            : (await Http.GetAsync(new Uri($"http://127.0.0.1:{HealthPort}/readyz"), ct)).IsSuccessStatusCode,
        Deadlines.Start,
        $"{Name} to be ready");

    /// <summary>SIGKILL: it ends wherever it is. Complete when it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Signal(ToolSignal.Kill);
        await _process.WaitForExitAsync(Deadlines.Start);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync()
    {
        var watch = Stopwatch.StartNew();
        _process.Signal(ToolSignal.Terminate);
        int exitCode = await _process.WaitForExitAsync(Deadlines.Start);
        return (exitCode, watch.Elapsed);
    }

    /// <summary>What it answers to a CA that asks for a challenge.</summary>
    public Task<HttpResponseMessage> AskForTokenAsync(string token) =>
        Http.GetAsync(new Uri($"http://127.0.0.1:{Http01Port}/.well-known/acme-challenge/{token}"));

    public Task<string> MetricsAsync() => Http.GetStringAsync(new Uri($"http://127.0.0.1:{MetricsPort}/metrics"));

    /// <summary>Copies the log to where it outlives the test.</summary>
    /// <returns>The path of the copy.</returns>
    public string KeepLog()
    {
        string kept = Path.Combine(TestContext.CurrentContext.WorkDirectory, "operator-logs", $"{TestContext.CurrentContext.Test.ID}-{Name}.log");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        File.Copy(LogFile, kept, overwrite: true);
        return kept;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
