namespace CertOperator.Kubernetes;

/// <summary>What a configuration is looked for in: environment variables, the pod's files, the home directory.</summary>
internal sealed record ConfigurationEnvironment(Func<string, string?> Variable, string ServiceAccountDirectory, string HomeDirectory)
{
    public static ConfigurationEnvironment OfProcess { get; } = new(
        Environment.GetEnvironmentVariable,
        "/var/run/secrets/kubernetes.io/serviceaccount",
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    public KubernetesClientConfiguration Load(string? kubeconfigPath, string? context)
    {
        if (!string.IsNullOrEmpty(kubeconfigPath))
        {
            return Kubeconfig.Read([kubeconfigPath], skipMissing: false).ToConfiguration(context);
        }

        var variable = Variable("KUBECONFIG");
        if (!string.IsNullOrEmpty(variable))
        {
            var paths = variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return Kubeconfig.Read(paths, skipMissing: true).ToConfiguration(context);
        }

        if (string.IsNullOrEmpty(context) && InClusterConfiguration.IsAvailable(this))
        {
            return InClusterConfiguration.Load(this);
        }

        var path = Path.Combine(HomeDirectory, ".kube", "config");
        return File.Exists(path)
            ? Kubeconfig.Read([path], skipMissing: false).ToConfiguration(context)
            : throw new KubernetesConfigurationException(
                $"No Kubernetes configuration: no kubeconfig was given, KUBECONFIG is not set, this is not a pod with a service account, and {path} does not exist");
    }
}
