namespace CertOperator.Kubernetes;

/// <summary>One or several kubeconfig files as one: the first to name a cluster, user, context or current-context wins.</summary>
internal sealed class Kubeconfig
{
    private readonly Dictionary<string, KubeconfigNode> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigNode> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeconfigNode> _contexts = new(StringComparer.Ordinal);
    private readonly string _files;
    private string? _currentContext;

    private Kubeconfig(IEnumerable<string> paths) => _files = string.Join(", ", paths);

    /// <param name="paths">The files, the most important one first.</param>
    /// <param name="skipMissing">As in KUBECONFIG, where a file need not exist, as long as one does.</param>
    public static Kubeconfig Read(IReadOnlyList<string> paths, bool skipMissing)
    {
        IReadOnlyList<string> existing = skipMissing ? [.. paths.Where(File.Exists)] : paths;
        if (existing.Count == 0)
        {
            throw new KubernetesConfigurationException($"KUBECONFIG names no file that exists: {string.Join(", ", paths)}");
        }

        var merged = new Kubeconfig(existing);
        foreach (var path in existing)
        {
            merged.Add(KubeconfigFile.Read(path));
        }

        return merged;
    }

    /// <param name="contextName">Null: the current-context.</param>
    public KubernetesClientConfiguration ToConfiguration(string? contextName)
    {
        var name = string.IsNullOrEmpty(contextName) ? _currentContext : contextName;
        if (name is null)
        {
            throw new KubernetesConfigurationException($"{_files}: current-context is not set, and no context was named ({Known(_contexts)})");
        }

        var context = _contexts.GetValueOrDefault(name)
            ?? throw new KubernetesConfigurationException($"{_files}: there is no context \"{name}\" ({Known(_contexts)})");
        var cluster = Follow(context, "cluster", _clusters);
        var user = context.Has("user") ? Follow(context, "user", _users) : null;
        return KubeconfigContext.ToConfiguration(cluster, user, context.Text("namespace"));
    }

    private void Add(KubeconfigNode root)
    {
        _currentContext ??= root.Text("current-context");
        AddNamed(root, "clusters", "cluster", _clusters);
        AddNamed(root, "users", "user", _users);
        AddNamed(root, "contexts", "context", _contexts);
    }

    private static void AddNamed(KubeconfigNode root, string list, string field, Dictionary<string, KubeconfigNode> into)
    {
        foreach (var item in root.Items(list))
        {
            var name = item.RequiredText("name");
            if (item.Child(field) is { } content)
            {
                into.TryAdd(name, content);
            }
        }
    }

    private static KubeconfigNode Follow(KubeconfigNode context, string field, Dictionary<string, KubeconfigNode> among)
    {
        var name = context.RequiredText(field);
        return among.GetValueOrDefault(name) ?? throw context.Error(field, $"names \"{name}\", which is not there ({Known(among)})");
    }

    private static string Known(Dictionary<string, KubeconfigNode> nodes) =>
        nodes.Count == 0 ? "there are none" : "there are: " + string.Join(", ", nodes.Keys.Order(StringComparer.Ordinal));
}
