using System.Collections;
using CertOperator.Kubernetes;
using CertOperator.Operator.Options;

namespace CertOperator.Operator.Commands;

/// <summary>What the command line needs of the world around it.</summary>
public sealed record CommandLineHost
{
    private const string ServiceAccountNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    /// <summary>Runs the operator until the token is cancelled; gives the exit code.</summary>
    public required Func<OperatorOptions, CancellationToken, Task<int>> Run { get; init; }

    /// <summary>The classes whose CustomResourceDefinitions <c>crds</c> writes.</summary>
    public required IReadOnlyList<Type> EntityTypes { get; init; }

    /// <summary>A client for the cluster of a kubeconfig file and a context, either of which may be null.</summary>
    /// <remarks>It throws <see cref="KubernetesConfigurationException"/> where there is none.</remarks>
    public required Func<string?, string?, IKubernetesClient> Connect { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Namespace of the pod; null outside a pod.</summary>
    public string? PodNamespace { get; init; }

    /// <summary>Writes a file that a command makes, and says which.</summary>
    public void WriteFile(string directory, string name, Action<TextWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, name);
        using var file = new StreamWriter(path);
        write(file);
        Output.WriteLine(path);
    }

    /// <summary>The console, the environment and, in a pod, the service account's namespace.</summary>
    public static CommandLineHost OfProcess(Func<OperatorOptions, CancellationToken, Task<int>> run, IReadOnlyList<Type> entityTypes) => new()
    {
        Run = run,
        EntityTypes = entityTypes,
        Connect = (kubeconfig, context) => new KubernetesClient(KubernetesClientConfiguration.Load(kubeconfig, context), TimeProvider.System, UnobservedRequests.Instance),
        Output = Console.Out,
        Error = Console.Error,
        Environment = System.Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal),
        PodNamespace = File.Exists(ServiceAccountNamespaceFile) ? File.ReadAllText(ServiceAccountNamespaceFile).Trim() : null,
    };
}
