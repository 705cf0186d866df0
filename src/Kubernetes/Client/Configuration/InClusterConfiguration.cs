using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CertOperator.Kubernetes;

/// <summary>The service account that a pod is given.</summary>
internal static class InClusterConfiguration
{
    public static bool IsAvailable(ConfigurationEnvironment environment) =>
        !string.IsNullOrEmpty(environment.Variable("KUBERNETES_SERVICE_HOST"))
        && File.Exists(Path.Combine(environment.ServiceAccountDirectory, "token"));

    public static KubernetesClientConfiguration Load(ConfigurationEnvironment environment)
    {
        var host = environment.Variable("KUBERNETES_SERVICE_HOST")!;
        var portText = environment.Variable("KUBERNETES_SERVICE_PORT");
        var port = 443;
        if (!string.IsNullOrEmpty(portText)
            && !(int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535))
        {
            throw new KubernetesConfigurationException($"KUBERNETES_SERVICE_PORT is not a port: \"{portText}\"");
        }

        var address = IPAddress.TryParse(host, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{ip}]" : host;
        if (!Uri.TryCreate(string.Create(CultureInfo.InvariantCulture, $"https://{address}:{port}"), UriKind.Absolute, out var server))
        {
            throw new KubernetesConfigurationException($"KUBERNETES_SERVICE_HOST is not a host: \"{host}\"");
        }

        CredentialMaterial Mounted(string name) =>
            CredentialMaterial.FromFile(Path.Combine(environment.ServiceAccountDirectory, name), $"the service account's {name}");

        var namespaceFile = Mounted("namespace");
        var configuration = new KubernetesClientConfiguration
        {
            Server = server,
            CertificateAuthority = Mounted("ca.crt"),
            Token = Mounted("token"),
            Namespace = File.Exists(namespaceFile.Path) ? System.Text.Encoding.UTF8.GetString(namespaceFile.Read()).Trim() : "default",
        };
        ConfigurationCheck.Run(configuration);
        return configuration;
    }
}
