using System.Globalization;
using System.Net.Http.Headers;

namespace CertOperator.TestSupport;

/// <summary>etcd and kube-apiserver of one's own, as processes in a temporary folder. No controllers run: nothing is garbage-collected.</summary>
public sealed class ControlPlane : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private int _namespaces;

    private ControlPlane()
    {
    }

    /// <summary>The folder with data and logs (<c>kube-apiserver.log</c>, <c>etcd.log</c>).</summary>
    public string Directory => _directory.Path;

    /// <summary>A kubeconfig with every right.</summary>
    public string KubeconfigPath => _directory.File("kubeconfig");

    /// <summary>A kubeconfig of a user who may do nothing.</summary>
    public string RestrictedKubeconfigPath => _directory.File("restricted.kubeconfig");

    /// <summary>The API server's address; it stays the same over restarts.</summary>
    public Uri Server { get; private set; } = new("https://127.0.0.1");

    /// <summary>Starts a new, empty control plane; ready when the task completes.</summary>
    public static Task<ControlPlane> StartAsync(CancellationToken ct = default) => StartAsync([], ct);

    /// <summary>Starts a new, empty control plane with further flags of kube-apiserver.</summary>
    public static async Task<ControlPlane> StartAsync(IReadOnlyList<string> flags, CancellationToken ct = default)
    {
        var controlPlane = new ControlPlane();
        try
        {
            await controlPlane.ScriptAsync("up", ["--", .. AuditTrail.Follow(controlPlane), .. flags], ct);
            IReadOnlyDictionary<string, string> ports = ShellVariables.Read(controlPlane._directory.File("ports"));
            controlPlane.Server = new Uri($"https://127.0.0.1:{ports["APISERVER_PORT"]}");
            return controlPlane;
        }
        catch
        {
            await controlPlane.DisposeAsync();
            throw;
        }
    }

    public Task StopApiServerAsync(CancellationToken ct = default) => ScriptAsync("stop-apiserver", ct);

    /// <summary>Ends it at once, in the middle of whatever it does.</summary>
    public Task KillApiServerAsync(CancellationToken ct = default) => ScriptAsync("kill-apiserver", ct);

    /// <summary>Starts it again with the same data and port; ready when the task completes.</summary>
    public Task StartApiServerAsync(CancellationToken ct = default) => ScriptAsync("start-apiserver", ct);

    /// <summary>Freezes it: connections stay open and nothing answers.</summary>
    public void PauseApiServer() => ToolProcess.Send(ApiServerPid(), ToolSignal.Stop);

    public void ResumeApiServer() => ToolProcess.Send(ApiServerPid(), ToolSignal.Continue);

    /// <summary>Drops all history up to now from etcd. The API server's own watch cache still serves recent history until it restarts.</summary>
    /// <returns>The revision compacted to.</returns>
    public async Task<long> CompactEtcdAsync(CancellationToken ct = default) =>
        long.Parse((await ScriptAsync("compact-etcd", ct)).Output.Trim(), CultureInfo.InvariantCulture);

    /// <summary>Runs kubectl as administrator; gives its standard output without the last line end.</summary>
    public async Task<string> KubectlAsync(IReadOnlyList<string> arguments, string? input = null, CancellationToken ct = default)
    {
        var options = new ToolOptions { Input = input, Environment = new Dictionary<string, string?> { ["KUBECONFIG"] = KubeconfigPath } };
        return (await ToolProcess.RunAsync("kubectl", arguments, options, ct)).Output.TrimEnd();
    }

    /// <summary>Applies YAML or JSON with kubectl.</summary>
    public Task ApplyAsync(string manifest, CancellationToken ct = default) => KubectlAsync(["apply", "-f", "-"], manifest, ct);

    /// <summary>Creates a namespace that no other test on this control plane has.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateNamespaceAsync(CancellationToken ct = default)
    {
        string name = $"test-{Interlocked.Increment(ref _namespaces)}";
        using HttpClient client = CreateAdminClient();
        using var body = new StringContent($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }""", MediaTypeHeaderValue.Parse("application/json"));
        using HttpResponseMessage response = await client.PostAsync(new Uri("/api/v1/namespaces", UriKind.Relative), body, ct);
        response.EnsureSuccessStatusCode();
        return name;
    }

    /// <summary>A plain HTTP client with every right, whose base address is the API server.</summary>
    public HttpClient CreateAdminClient()
    {
        HttpClient client = CreateAnonymousClient();
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(File.ReadAllText(_directory.File("auth-header")).Trim()["Authorization: ".Length..]);
        return client;
    }

    /// <summary>A plain HTTP client that trusts the API server and says nothing of who it is.</summary>
    public HttpClient CreateAnonymousClient()
    {
        HttpClient client = PrivateTrust.CreateHttpClient(File.ReadAllText(Path.Combine(Directory, "certs", "ca.pem")));
        client.BaseAddress = Server;
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await ScriptAsync("down", CancellationToken.None);
        AuditTrail.Keep(this);
        _directory.Dispose();
    }

    private int ApiServerPid() => int.Parse(File.ReadAllText(_directory.File("kube-apiserver.pid")).Split(' ')[0], CultureInfo.InvariantCulture);

    private Task<ToolResult> ScriptAsync(string action, CancellationToken ct) => ScriptAsync(action, [], ct);

    private Task<ToolResult> ScriptAsync(string action, IReadOnlyList<string> further, CancellationToken ct) =>
        // The first start on a machine may build kube-apiserver.
        ToolProcess.RunAsync(Repository.PathOf("hack", "control-plane.sh"), [action, "--dir", Directory, .. further], new ToolOptions { Deadline = TimeSpan.FromMinutes(30) }, ct);
}
