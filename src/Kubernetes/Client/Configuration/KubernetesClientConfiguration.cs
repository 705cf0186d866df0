namespace CertOperator.Kubernetes;

/// <summary>Where the API server is, how it is trusted and as whom it is spoken to.</summary>
public sealed class KubernetesClientConfiguration
{
    /// <summary>http or https, with a path when the API lives below one.</summary>
    public required Uri Server { get; init; }

    /// <summary>PEM certificates that vouch for the server; null: those of the system.</summary>
    public CredentialMaterial? CertificateAuthority { get; init; }

    /// <summary>PEM, the leaf first; needs <see cref="ClientKey"/>.</summary>
    public CredentialMaterial? ClientCertificate { get; init; }

    /// <summary>PEM: PKCS#8, PKCS#1 or SEC 1, not encrypted.</summary>
    public CredentialMaterial? ClientKey { get; init; }

    /// <summary>A bearer token; from a file it is read again every minute. Not sent over plain http, except to this machine.</summary>
    public CredentialMaterial? Token { get; init; }

    /// <summary>A program that hands out credentials.</summary>
    public ExecPlugin? Exec { get; init; }

    /// <summary>Basic authentication, for gateways that want it; the API server itself has none.</summary>
    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Act as this user; needs the right to impersonate.</summary>
    public string? ImpersonateUser { get; init; }

    public IReadOnlyList<string> ImpersonateGroups { get; init; } = [];

    /// <summary>The name to ask for and to find in the server's certificate; null: the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Takes any server for the right one. <value>false</value></summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>http, https or socks5.</summary>
    public Uri? ProxyUrl { get; init; }

    /// <summary>Without <see cref="ProxyUrl"/>: follow HTTPS_PROXY and NO_PROXY. <value>false</value></summary>
    public bool UseEnvironmentProxy { get; init; }

    /// <summary>The namespace to work in where none is named. <value>default</value></summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Also the name under which the server notes who wrote a field. <value>certoperator</value></summary>
    public string UserAgent { get; init; } = "certoperator";

    /// <summary>For one call with its repetitions; a watch may take it until its first byte. <value>60 s</value></summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After how much silence on a connection in use the server is asked whether it is still there; at least 1 s. <value>30 s</value></summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it has to answer that before the connection is given up; at least 1 s. <value>15 s</value></summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Looks in this order: the given kubeconfig, the files in KUBECONFIG (merged; the first to set a value wins), the
    /// service account of the pod, ~/.kube/config. With a context named, the service account is passed over.
    /// </summary>
    /// <exception cref="KubernetesConfigurationException">Nothing was found, or what was found cannot be used; says which file and field.</exception>
    public static KubernetesClientConfiguration Load(string? kubeconfigPath = null, string? context = null) =>
        ConfigurationEnvironment.OfProcess.Load(kubeconfigPath, context);
}
