namespace CertOperator.Kubernetes;

/// <summary>A program of the client.authentication.k8s.io protocol that prints credentials.</summary>
public sealed class ExecPlugin
{
    /// <summary>"client.authentication.k8s.io/v1" or ".../v1beta1".</summary>
    public required string ApiVersion { get; init; }

    /// <summary>A path, or a name that is looked for in PATH.</summary>
    public required string Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables added to the process's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Tell the program which server the credentials are for.</summary>
    public bool ProvideClusterInfo { get; init; }

    /// <summary>What to tell a person when the program is missing.</summary>
    public string? InstallHint { get; init; }

    /// <summary>Where it was configured, for messages.</summary>
    public string Origin { get; init; } = "exec";
}
