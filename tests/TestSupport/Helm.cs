namespace CertOperator.TestSupport;

/// <summary>The chart of the repository, rendered by the Helm that <c>hack/install-tools.sh</c> brings.</summary>
public static class Helm
{
    private static readonly Lazy<Task> Installed = new(() => ToolProcess.RunAsync(Repository.PathOf("hack", "install-tools.sh"), ["helm"]));

    /// <summary>The folder of the chart.</summary>
    public static string Chart { get; } = Repository.PathOf("charts", "cert-operator");

    /// <summary>The program.</summary>
    public static string Program { get; } = Path.Combine(ToolPaths.Cache, "bin", "helm");

    /// <summary>Helm with these arguments; fails the test where it fails.</summary>
    public static async Task<string> RunAsync(IReadOnlyList<string> arguments, ToolOptions? options = null)
    {
        await Installed.Value;
        return (await ToolProcess.RunAsync(Program, arguments, options)).Output;
    }

    /// <summary>The objects of the chart as YAML, for the version of the API server that tests have.</summary>
    /// <param name="release">Name of the release.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="arguments">Such as <c>--set a=b</c>.</param>
    public static Task<string> TemplateAsync(string release, string ns, params IReadOnlyList<string> arguments) =>
        RunAsync(["template", release, Chart, "--namespace", ns, "--kube-version", "1.20.2", .. arguments]);
}
