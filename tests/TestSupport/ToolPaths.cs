namespace CertOperator.TestSupport;

/// <summary>Where the programs are that <c>hack/install-tools.sh</c> brings; keeps to the rules of <c>hack/lib.sh</c>.</summary>
public static class ToolPaths
{
    /// <summary>The folder outside the checkout that holds downloads and built programs.</summary>
    public static string Cache { get; } =
        Variable("CERTOPERATOR_CACHE")
        ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "certoperator");

    /// <summary>PATH for programs that tests start.</summary>
    public static string SearchPath { get; } = string.Join(':', Path.Combine(Cache, "bin"), Variable("PATH") ?? "/usr/bin:/bin", "/usr/local/sbin:/usr/sbin:/sbin");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
