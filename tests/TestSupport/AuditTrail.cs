using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CertOperator.TestSupport;

/// <summary>
/// What service accounts were let do on the control planes of this process, and by which roles, as the API servers wrote it down. The
/// administrator, as whom tests act, is none of them.
/// </summary>
public static partial class AuditTrail
{
    private const string Policy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
          - level: Metadata
            userGroups: ["system:serviceaccounts"]
        """;

    private static readonly ConcurrentDictionary<ControlPlane, string> Running = new();
    private static readonly ConcurrentDictionary<AllowedRequest, bool> Kept = new();

    /// <summary>What was allowed until now, each once.</summary>
    public static IReadOnlyList<AllowedRequest> Read() => [.. Running.Values.SelectMany(Read).Concat(Kept.Keys).Distinct()];

    /// <returns>The flags of kube-apiserver by which it writes down what it allows.</returns>
    internal static IReadOnlyList<string> Follow(ControlPlane controlPlane)
    {
        string policy = Path.Combine(controlPlane.Directory, "audit-policy.yaml");
        string log = Path.Combine(controlPlane.Directory, "audit.log");
        File.WriteAllText(policy, Policy);
        Running[controlPlane] = log;
        // One file for as long as it runs: at its usual 100 MB it would begin another.
        return [$"--audit-policy-file={policy}", $"--audit-log-path={log}", "--audit-log-maxsize=100000"];
    }

    /// <summary>Remembers what a control plane allowed whose folder is about to go.</summary>
    internal static void Keep(ControlPlane controlPlane)
    {
        if (Running.TryRemove(controlPlane, out string? log))
        {
            foreach (AllowedRequest request in Read(log))
            {
                Kept[request] = true;
            }
        }
    }

    private static IEnumerable<AllowedRequest> Read(string log) =>
        File.Exists(log) ? File.ReadLines(log).SelectMany(line => Parse(JsonNode.Parse(line)!)).Distinct() : [];

    private static IEnumerable<AllowedRequest> Parse(JsonNode entry)
    {
        string? decision = entry["annotations"]?["authorization.k8s.io/decision"]?.GetValue<string>();
        Match role = RoleName().Match(entry["annotations"]?["authorization.k8s.io/reason"]?.GetValue<string>() ?? "");
        if (decision != "allow" || !role.Success || entry["objectRef"] is not { } target)
        {
            yield break;
        }

        string resource = string.Concat(
            target["resource"]!.GetValue<string>(),
            target["subresource"] is { } sub ? $"/{sub}" : "",
            target["apiGroup"] is { } group ? $".{group}" : "");
        string user = entry["user"]!["username"]!.GetValue<string>();
        string verb = entry["verb"]!.GetValue<string>();
        yield return new AllowedRequest(user, $"{verb} {resource}", role.Groups[1].Value);
        if (verb == "patch" && entry["responseStatus"]?["code"]?.GetValue<int>() == 201)
        {
            // An apply of what is not there: the API server asks for the right to create it as well and writes down the first answer alone.
            yield return new AllowedRequest(user, $"create {resource}", role.Groups[1].Value);
        }
    }

    [GeneratedRegex(" of (?:Cluster)?Role \"([^\"]+)\" to ")]
    private static partial Regex RoleName();
}
