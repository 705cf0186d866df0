using YamlDotNet.RepresentationModel;

namespace CertOperator.EndToEnd.Chart;

/// <summary>Reads what the chart rendered.</summary>
internal static class ChartObjects
{
    public static IReadOnlyList<YamlMappingNode> Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(d => d.RootNode).OfType<YamlMappingNode>()];
    }

    public static IReadOnlyList<YamlMappingNode> OfKind(string yaml, string kind) => [.. Parse(yaml).Where(o => o["kind"].ToString() == kind)];

    /// <summary>What the operator's container is started with.</summary>
    public static IReadOnlyList<string> Arguments(string yaml) =>
        [.. ((YamlSequenceNode)OfKind(yaml, "Deployment").Single()["spec"]["template"]["spec"]["containers"][0]["args"]).Select(a => a.ToString())];

    /// <summary>Such as "get secrets" and "create tokenreviews.authentication.k8s.io", over all roles of these names.</summary>
    public static IReadOnlyList<string> Rights(string yaml, params string[] roles) =>
        [.. Rights(yaml).Where(r => roles.Contains(r.Role)).Select(r => r.Right)];

    /// <summary>What each role holds.</summary>
    public static IReadOnlyList<(string Role, string Right)> Rights(string yaml) =>
    [
        .. from role in Parse(yaml)
           where role["kind"].ToString() is "Role" or "ClusterRole"
           from rule in (YamlSequenceNode)role["rules"]
           where !((YamlMappingNode)rule).Children.ContainsKey("nonResourceURLs")
           from @group in (YamlSequenceNode)rule["apiGroups"]
           from resource in (YamlSequenceNode)rule["resources"]
           from verb in (YamlSequenceNode)rule["verbs"]
           select (role["metadata"]["name"].ToString(), $"{verb} {resource}{(@group.ToString() is { Length: > 0 } g ? "." + g : "")}"),
    ];
}
