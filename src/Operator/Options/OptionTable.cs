using System.Globalization;
using System.Net;
using CertOperator.Kubernetes;
using CertOperator.Providers.Aws;
using Microsoft.Extensions.Logging;

namespace CertOperator.Operator.Options;

/// <summary>All options of <c>certoperator run</c>: the flags, variables, file keys, help and reference page are made from it.</summary>
public static class OptionTable
{
    /// <summary>The option that names the file with the others; it cannot stand in that file.</summary>
    public const string ConfigFlag = "--config";

    public const string ConfigVariable = OptionDefinition.EnvironmentPrefix + "CONFIG";

    public const string ConfigDescription = "JSON or YAML file with any of the other options, by their names without dashes in front.";

    private const string ListenAccepts = "an IP address and a port, such as 0.0.0.0:8402 or [::]:8402; port 0 takes a free one";

    private static readonly OperatorOptions Defaults = new();

    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        Define<string>("kubeconfig", "FILE", "Kubeconfig file with the cluster to work on.", "the path of a file",
            OptionValues.Text, (o, v) => o with { Kubeconfig = v }, "KUBECONFIG, then the service account in a pod, then ~/.kube/config"),
        Define<string>("context", "NAME", "Context of the kubeconfig.", "the name of a context",
            OptionValues.Text, (o, v) => o with { Context = v }, "the kubeconfig's current context"),
        Define<IReadOnlyList<string>>("namespaces", "NAME,...", "Namespaces to work in.", "names of namespaces, with commas between",
            OptionValues.Namespaces, (o, v) => o with { Namespaces = v }, "all namespaces") with { IsList = true },
        Define<IPEndPoint>("http01-listen", "ADDRESS:PORT", "Where http-01 challenges are answered.", ListenAccepts,
            OptionValues.EndPoint, (o, v) => o with { Http01Listen = v }, Defaults.Http01Listen.ToString()),
        Define<NamespacedName?>("http01-service", "NAMESPACE/NAME",
            "The operator's own Service for http-01, with a port named http01 or no other. Solvers that make an Ingress or HTTPRoute lead to its ready endpoints.",
            "a namespace and the name of a Service, such as certoperator-system/certoperator",
            OptionValues.ServiceName, (o, v) => o with { Http01Service = v }, "none; then such solvers cannot be used"),
        Define<int>("http01-self-check-port", "PORT", "Port at which the self-check asks hosts for their answer to http-01. Only a closed test network has CAs that ask elsewhere than at 80.",
            "a port from 1 to 65535",
            OptionValues.Number(1, 65535), (o, v) => o with { Http01SelfCheckPort = v }, Number(Defaults.Http01SelfCheckPort)),
        Define<IPEndPoint>("metrics-listen", "ADDRESS:PORT", "Where /metrics is served.", ListenAccepts,
            OptionValues.EndPoint, (o, v) => o with { MetricsListen = v }, Defaults.MetricsListen.ToString()),
        Define<bool>("prometheus-rules", "BOOL",
            "Keep a PrometheusRule with alerts in each namespace that has policies, where the cluster knows that kind. If false, those that are there are left alone.",
            "true or false",
            OptionValues.Boolean, (o, v) => o with { PrometheusRules = v }, "true") with { IsSwitch = true },
        Define<bool>("metrics-auth", "BOOL",
            "Serve /metrics by HTTPS, and only to those whose token the API server knows and whom it allows the verb get on the nonResourceURL /metrics.", "true or false",
            OptionValues.Boolean, (o, v) => o with { MetricsAuth = v }, "true") with { IsSwitch = true },
        Define<string>("metrics-tls-cert-file", "FILE",
            "Certificate of /metrics in PEM, with its chain; read again when it changes. As long as it cannot be read, a certificate of the operator's own is served. Without --metrics-auth it makes HTTPS of HTTP.", "the path of a file",
            OptionValues.Text, (o, v) => o with { MetricsTlsCertFile = v }, "a self-signed certificate, made at each start"),
        Define<string>("metrics-tls-key-file", "FILE", "Key of the certificate of /metrics in PEM, not encrypted.", "the path of a file",
            OptionValues.Text, (o, v) => o with { MetricsTlsKeyFile = v }, "that of the self-signed certificate"),
        Define<IPEndPoint>("health-listen", "ADDRESS:PORT", "Where /livez and /readyz are served.", ListenAccepts,
            OptionValues.EndPoint, (o, v) => o with { HealthListen = v }, Defaults.HealthListen.ToString()),
        Define<bool>("leader-elect", "BOOL", "Work only while holding the Lease; needed with more than one replica.", "true or false",
            OptionValues.Boolean, (o, v) => o with { LeaderElect = v }, "true") with { IsSwitch = true },
        Define<string>("lease-namespace", "NAME", "Namespace of the Lease.", "the name of a namespace",
            OptionValues.Label, (o, v) => o with { LeaseNamespace = v }, $"the pod's namespace, outside a pod {Defaults.LeaseNamespace}"),
        Define<string>("lease-name", "NAME", "Name of the Lease.", "a lower-case DNS name",
            OptionValues.Subdomain, (o, v) => o with { LeaseName = v }, Defaults.LeaseName),
        Define<int>("workers", "N", "Policies reconciled at once. Runs have at least as many workers as may be in progress.", "a whole number from 1 to 256",
            OptionValues.Number(1, 256), (o, v) => o with { Workers = v }, Number(Defaults.Workers)),
        Define<int>("max-running", "N", "Runs in progress at once; further ones wait in phase Queued.", "a whole number from 1 to 10000",
            OptionValues.Number(1, 10_000), (o, v) => o with { MaxRunning = v }, Number(Defaults.MaxRunning)),
        Define<IReadOnlyList<IPNetwork>>("egress-allow", "CIDR,...",
            "Networks that may be dialled although they are private, such as an ACME server inside the cluster. A network as wide as 0.0.0.0/0 does not open link-local and metadata addresses; name these themselves, as 169.254.169.254/32.",
            "networks such as 10.0.0.0/8 or fd00::/8, or single addresses, with commas between",
            OptionValues.Networks, (o, v) => o with { EgressAllow = v }, "none") with { IsList = true, Explain = OptionValues.NetworkErrors },
        Define<bool>("own-cloud-identity", "BOOL",
            "Lend the operator's own identity at a cloud (environment, web identity of its service account, instance role) to policies that name no credentials. Whoever may write policies can then do with certificates and keys whatever that identity may.",
            "true or false",
            OptionValues.Boolean, (o, v) => o with { OwnCloudIdentity = v }, "false") with { IsSwitch = true },
        Define<IReadOnlyList<IPEndPoint>>("dns-resolvers", "ADDRESS:PORT,...", "Resolvers that dns-01 finds zones, CNAME records and name servers with, and the self-check of http-01 hosts.",
            "IP addresses, with or without a port, such as 10.96.0.10 or [fd00::a]:53, with commas between",
            OptionValues.Resolvers, (o, v) => o with { DnsResolvers = v }, "those of /etc/resolv.conf; for hosts whatever the system does") with { IsList = true },
        Define<int>("dns-authoritative-port", "PORT", "Port at which dns-01 asks a zone's own name servers. Only a closed test network has them elsewhere than at 53.",
            "a port from 1 to 65535",
            OptionValues.Number(1, 65535), (o, v) => o with { DnsAuthoritativePort = v }, Number(Defaults.DnsAuthoritativePort)),
        Define<string>("master-key-file", "FILE", "File with the master keys that keys in progress and earlier pairs are encrypted under; read again when it changes.", "the path of a file",
            OptionValues.Text, (o, v) => o with { MasterKeyFile = v }, "the Secret certoperator-master-key in the namespace of the Lease, made when absent"),
        Wrapping<AwsArn>("master-key-kms-key", "ARN", "Key in AWS KMS, or alias, that lines with master keys are decrypted with where they begin with aws-kms:. KMS is asked as the operator itself: web identity of its service account, instance role, environment.",
            "the ARN of a key or an alias, such as arn:aws:kms:eu-central-1:111122223333:alias/certoperator",
            OptionValues.KmsKey, (w, v) => w with { KmsKey = v }, "none; then no line may begin so"),
        Wrapping<Uri>("master-key-kms-endpoint", "URL", "Endpoint of KMS, such as that of a VPC.", "an https URL",
            OptionValues.Https, (w, v) => w with { KmsEndpoint = v }, "the public one of the key's region"),
        Wrapping<Uri>("master-key-vault-address", "URL", "Vault server that lines with master keys are decrypted at where they begin with vault:.", "an https URL",
            OptionValues.Https, (w, v) => w with { VaultAddress = v }, "none; then no line may begin so"),
        Wrapping<(string, string)?>("master-key-vault-key", "MOUNT/NAME", "Key in that server's Transit engine.", "the mount of the engine and the name of a key, such as transit/certoperator",
            OptionValues.TransitKey, (w, v) => w with { VaultKey = v }, "none"),
        Wrapping<string>("master-key-vault-namespace", "NAME", "Namespace in Vault Enterprise.", "a path without slashes at its ends",
            OptionValues.VaultPath, (w, v) => w with { VaultNamespace = v }, "the root"),
        Wrapping<VaultAuthMethod>("master-key-vault-auth", "METHOD", "How the operator logs in there.", "kubernetes, approle or token",
            OptionValues.AuthMethod, (w, v) => w with { VaultAuth = v }, "kubernetes"),
        Wrapping<string>("master-key-vault-auth-mount", "MOUNT", "Where that auth method is mounted.", "a path without slashes at its ends",
            OptionValues.VaultPath, (w, v) => w with { VaultAuthMount = v }, "the method's name"),
        Wrapping<string>("master-key-vault-role", "NAME", "Role of the auth method kubernetes, or role id of the AppRole.", "a role",
            OptionValues.Text, (w, v) => w with { VaultRole = v }, "none"),
        Wrapping<string>("master-key-vault-credential-file", "FILE", "File with the service account's token, the AppRole's secret id, or the Vault token; read at each login.", "the path of a file",
            OptionValues.Text, (w, v) => w with { VaultCredentialFile = v }, "with kubernetes the token of the pod"),
        Wrapping<string>("master-key-ca-file", "FILE", "File with CA certificates in PEM that KMS or Vault is trusted by besides the system's.", "the path of a file",
            OptionValues.Text, (w, v) => w with { CaFile = v }, "none"),
        Define<TimeSpan?>("secret-check-interval", "DURATION", "How often each policy's Secret is compared with what was issued.",
            "a duration from 10s to 24h such as 15m, or automatic",
            OptionValues.DurationOrAutomatic(TimeSpan.FromSeconds(10), TimeSpan.FromHours(24)), (o, v) => o with { SecretCheckInterval = v },
            "automatic, by the number of policies"),
        Define<bool>("inventory", "BOOL",
            "Look for Secrets of type kubernetes.io/tls that no policy manages, and tell in the metrics when their certificates end. Needs the right to list Secrets, which is a right to read all of them.",
            "true or false",
            OptionValues.Boolean, (o, v) => o with { Inventory = v }, "false") with { IsSwitch = true },
        Define<TimeSpan>("inventory-interval", "DURATION", "How often they are looked for.",
            "a duration from 10s to 24h such as 10m",
            OptionValues.Duration(TimeSpan.FromSeconds(10), TimeSpan.FromHours(24)), (o, v) => o with { InventoryInterval = v }, "10m"),
        Define<LogLevel>("log-level", "LEVEL", "The least serious messages that are logged.", "trace, debug, info, warn or error",
            OptionValues.Level, (o, v) => o with { LogLevel = v }, "info"),
        Define<LogFormat>("log-format", "FORMAT", "JSON lines, or text for a terminal.", "json or text",
            OptionValues.Format, (o, v) => o with { LogFormat = v }, "json"),
        Define<TimeSpan>("shutdown-timeout", "DURATION", "How long steps in progress may take to finish or park after SIGTERM.",
            "a duration from 1s to 10m such as 20s",
            OptionValues.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)), (o, v) => o with { ShutdownTimeout = v }, "20s"),
    ];

    private static OptionDefinition Define<T>(
        string name,
        string valueName,
        string description,
        string accepts,
        OptionValueParser<T> parse,
        Func<OperatorOptions, T, OperatorOptions> set,
        string defaultText) => new()
        {
            Name = name,
            ValueName = valueName,
            Description = description,
            Accepts = accepts,
            Default = defaultText,
            Apply = (options, text) => parse(text, out var value) ? set(options, value) : null,
        };

    private static OptionDefinition Wrapping<T>(
        string name,
        string valueName,
        string description,
        string accepts,
        OptionValueParser<T> parse,
        Func<MasterKeyWrappingOptions, T, MasterKeyWrappingOptions> set,
        string defaultText)
        => Define<T>(name, valueName, description, accepts, parse, (o, v) => o with { MasterKeyWrapping = set(o.MasterKeyWrapping, v) }, defaultText);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
