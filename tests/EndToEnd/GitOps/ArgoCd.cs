using System.Text.Json.Nodes;
using CertOperator.Crds;
using CertOperator.TestSupport;

namespace CertOperator.EndToEnd.GitOps;

/// <summary>What Argo CD does with the scripts in config/argocd.</summary>
public static class ArgoCd
{
    /// <summary>The health of an object as it is shown.</summary>
    public static async Task<(string Status, string Message)> HealthAsync(string json)
    {
        JsonNode health = await Script(json, "health.lua").RunAsync(json);
        return (health["status"]!.GetValue<string>(), health["message"]!.GetValue<string>());
    }

    /// <summary>The actions that may be chosen.</summary>
    public static async Task<IReadOnlyList<string>> ActionsAsync(string json) =>
        [.. (await Script(json, "actions", "discovery.lua").RunAsync(json)).AsObject().Where(a => !a.Value!["disabled"]!.GetValue<bool>()).Select(a => a.Key).Order(StringComparer.Ordinal)];

    /// <summary>What an action makes of an object's annotations.</summary>
    public static async Task<JsonObject> ActAsync(string json, string action) =>
        (await Script(json, "actions", $"{action}.lua").RunAsync(json))["metadata"]!["annotations"]!.AsObject();

    private static LuaScript Script(string json, params string[] path) =>
        new(Repository.PathOf(["config", "argocd", CertOperatorApi.Group, JsonNode.Parse(json)!["kind"]!.GetValue<string>(), .. path]));
}
