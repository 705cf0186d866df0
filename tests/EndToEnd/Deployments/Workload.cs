using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;

namespace CertOperator.EndToEnd.Deployments;

/// <summary>A workload of a test. Nothing controls it there: the test says in its status what a controller would.</summary>
internal sealed class Workload(TestCluster cluster, WorkloadKind kind, string name)
{
    private const int Pods = 2;

    public WorkloadRestartSpec Restart { get; } = new() { Kind = kind, Name = name, TimeoutSeconds = 120 };

    /// <summary>How often the operator has changed it, by the proxy's account.</summary>
    public int Patches => cluster.Api.Exchanges.Count(e => e.Verb == "patch" && e.Resource == Plural && e.Name == name && e.Status == 200);

    private string Plural => kind switch { WorkloadKind.Deployment => "deployments", WorkloadKind.StatefulSet => "statefulsets", _ => "daemonsets" };

    public static async Task<Workload> CreateAsync(TestCluster cluster, string name, WorkloadKind kind = WorkloadKind.Deployment, Action<JsonObject>? change = null)
    {
        var spec = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name }, ["annotations"] = new JsonObject { ["example.com/kept"] = "yes" } },
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = "example.com/web:1" }) },
            },
        };
        if (kind != WorkloadKind.DaemonSet)
        {
            spec["replicas"] = Pods;
        }

        if (kind == WorkloadKind.StatefulSet)
        {
            spec["serviceName"] = name;
        }

        change?.Invoke(spec);
        var manifest = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = kind.ToString(),
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = cluster.Namespace },
            ["spec"] = spec,
        };
        await cluster.ControlPlane.ApplyAsync(manifest.ToJsonString());
        return new Workload(cluster, kind, name);
    }

    /// <summary>Waits until its pods are to be restarted.</summary>
    /// <returns>What for: a fingerprint.</returns>
    public Task<string> WaitForRestartAsync(string policy, string? after = null) =>
        Eventually.GetAsync(async ct => await MarkAsync(policy, ct) ?? "", mark => mark.Length > 0 && mark != after, Deadlines.Run, $"{kind} {name} to be restarted");

    public async Task<string?> MarkAsync(string policy, CancellationToken ct = default)
    {
        JsonNode template = (await ReadAsync(ct))["spec"]!["template"]!;
        return template["metadata"]?["annotations"]?[$"restarted-for.certoperator.io/{policy}"]?.GetValue<string>();
    }

    /// <summary>Says that all pods are new and up.</summary>
    public Task FinishRolloutAsync() => SetStatusAsync(kind switch
    {
        WorkloadKind.Deployment => new JsonObject { ["replicas"] = Pods, ["updatedReplicas"] = Pods, ["readyReplicas"] = Pods, ["availableReplicas"] = Pods },
        WorkloadKind.StatefulSet => new JsonObject { ["replicas"] = Pods, ["updatedReplicas"] = Pods, ["readyReplicas"] = Pods, ["currentReplicas"] = Pods, ["currentRevision"] = "r2", ["updateRevision"] = "r2" },
        _ => new JsonObject { ["desiredNumberScheduled"] = Pods, ["currentNumberScheduled"] = Pods, ["updatedNumberScheduled"] = Pods, ["numberMisscheduled"] = 0, ["numberReady"] = Pods, ["numberAvailable"] = Pods },
    });

    /// <summary>Writes a status for the newest generation.</summary>
    public async Task SetStatusAsync(JsonObject status)
    {
        status["observedGeneration"] = (await ReadAsync(CancellationToken.None))["metadata"]!["generation"]!.GetValue<long>();
        using HttpClient client = cluster.ControlPlane.CreateAdminClient();
        using var body = new StringContent(new JsonObject { ["status"] = status }.ToJsonString(), null, "application/merge-patch+json");
        using HttpResponseMessage answer = await client.PatchAsync(new Uri($"{Path}/status", UriKind.Relative), body);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        }
    }

    private string Path => $"/apis/apps/v1/namespaces/{cluster.Namespace}/{Plural}/{name}";

    private async Task<JsonNode> ReadAsync(CancellationToken ct)
    {
        using HttpClient client = cluster.ControlPlane.CreateAdminClient();
        return JsonNode.Parse(await client.GetStringAsync(new Uri(Path, UriKind.Relative), ct))!;
    }
}
