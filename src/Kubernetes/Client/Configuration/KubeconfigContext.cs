using System.Text;

namespace CertOperator.Kubernetes;

/// <summary>Turns the cluster and user of a kubeconfig context into a configuration.</summary>
internal static class KubeconfigContext
{
    public static KubernetesClientConfiguration ToConfiguration(KubeconfigNode cluster, KubeconfigNode? user, string? @namespace)
    {
        var server = Url(cluster, "server", "http", "https")!;
        var (certificate, key) = ClientCertificate(user);
        if (user?.Has("auth-provider") == true)
        {
            throw user.Error("auth-provider", "is no longer part of Kubernetes: use exec");
        }

        var configuration = new KubernetesClientConfiguration
        {
            Server = server,
            CertificateAuthority = cluster.Material("certificate-authority-data", "certificate-authority"),
            TlsServerName = cluster.Text("tls-server-name"),
            InsecureSkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            ProxyUrl = cluster.Has("proxy-url") ? Url(cluster, "proxy-url", "http", "https", "socks5") : null,
            // A proxy cannot reach this machine's own loopback.
            UseEnvironmentProxy = !server.IsLoopback,
            ClientCertificate = certificate,
            ClientKey = key,
            Token = Token(user),
            Exec = user?.Child("exec") is { } exec ? Plugin(exec) : null,
            Username = user?.Text("username"),
            Password = user?.Text("password"),
            ImpersonateUser = user?.Text("as"),
            ImpersonateGroups = user?.Texts("as-groups") ?? [],
            Namespace = @namespace ?? "default",
        };
        if (configuration is { InsecureSkipTlsVerify: true, CertificateAuthority: not null })
        {
            throw cluster.Error("insecure-skip-tls-verify", "cannot be true when a certificate authority is given");
        }

        ConfigurationCheck.Run(configuration);
        return configuration;
    }

    private static Uri? Url(KubeconfigNode node, string field, params ReadOnlySpan<string> schemes)
    {
        var text = node.RequiredText(field);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && schemes.Contains(url.Scheme)
            ? url
            : throw node.Error(field, $"must be a URL with the scheme {string.Join(" or ", schemes.ToArray())}");
    }

    private static (CredentialMaterial? Certificate, CredentialMaterial? Key) ClientCertificate(KubeconfigNode? user)
    {
        var certificate = user?.Material("client-certificate-data", "client-certificate");
        var key = user?.Material("client-key-data", "client-key");
        return (certificate, key) switch
        {
            (not null, null) => throw user!.Error("client-key", "or client-key-data is missing: the client certificate needs its key"),
            (null, not null) => throw user!.Error("client-certificate", "or client-certificate-data is missing: there is a key for it"),
            _ => (certificate, key),
        };
    }

    // The file wins over the value, since it is the one that is kept fresh.
    private static CredentialMaterial? Token(KubeconfigNode? user) => user?.FileMaterial("tokenFile")
        ?? (user?.Text("token") is { } token ? CredentialMaterial.FromBytes(Encoding.UTF8.GetBytes(token), user.Where("token")) : null);

    private static ExecPlugin Plugin(KubeconfigNode exec)
    {
        var apiVersion = exec.RequiredText("apiVersion");
        if (apiVersion is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw exec.Error("apiVersion", "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
        }

        if (exec.Text("interactiveMode") == "Always")
        {
            throw exec.Error("interactiveMode", "is Always, but there is no terminal here to ask at");
        }

        // As with kubectl: a bare name comes from PATH, a path is relative to the kubeconfig.
        var command = exec.RequiredText("command");
        return new ExecPlugin
        {
            ApiVersion = apiVersion,
            Command = command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? exec.Resolve(command) : command,
            Arguments = exec.Texts("args"),
            Environment = exec.Items("env").DistinctBy(item => item.RequiredText("name"))
                .ToDictionary(item => item.RequiredText("name"), item => item.Text("value") ?? "", StringComparer.Ordinal),
            ProvideClusterInfo = exec.Flag("provideClusterInfo"),
            InstallHint = exec.Text("installHint"),
            Origin = exec.Where("command"),
        };
    }
}
