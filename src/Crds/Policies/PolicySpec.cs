using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Policies;

/// <summary>What is wanted for one host.</summary>
public sealed record PolicySpec
{
    /// <summary>One plain mail address: no display name, no list, nothing that could start another header.</summary>
    public const string MailAddressPattern = @"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$";

    /// <summary>The DNS name (or IP address, where the CA issues for those) that the certificate is for. It becomes the first name of the certificate.</summary>
    [Required]
    [Length(1, 253)]
    public string Hostname { get; init; } = "";

    /// <summary>Further DNS names and IP addresses in the same certificate; 100 names in all.</summary>
    [Items(0, 99)]
    public IReadOnlyList<string>? AdditionalNames { get; init; }

    /// <summary>Who issues the certificate: letsencrypt, or acme for any other RFC 8555 certificate authority. Default: letsencrypt.</summary>
    public CertificateProviderKind? Provider { get; init; }

    /// <summary>Providers to ask in this order when runs keep failing: after three failures in a row the next one, after a success spec.provider again. A certificate of any of them is good. Default: spec.provider alone.</summary>
    [Items(0, 10)]
    public IReadOnlyList<CertificateProviderKind>? AllowedProviders { get; init; }

    /// <summary>Settings of the provider, one object per provider. What is missing here comes from CertificateRenewalSettings "default" of the namespace.</summary>
    public ProviderConfig? ProviderConfig { get; init; }

    /// <summary>How control over the names is proven: http-01, which the operator answers, by itself or with a solver in CertificateRenewalSettings "default", or dns-01, which needs a solver in CertificateRenewalSettings "default" and is the only way to a wildcard. Default: http-01.</summary>
    public ChallengeKind? Challenge { get; init; }

    /// <summary>Name of a solver in CertificateRenewalSettings "default". Default: the one that its selector fits best.</summary>
    [Length(1, 63)]
    public string? Solver { get; init; }

    /// <summary>Where the private key lives. Default: local, in the target Secret.</summary>
    public KeyBackendKind? KeyBackend { get; init; }

    /// <summary>Settings of the key backend.</summary>
    public KeyBackendConfig? KeyBackendConfig { get; init; }

    /// <summary>The private key: algorithm, size, and whether each renewal makes a new one.</summary>
    public KeySpec? Key { get; init; }

    /// <summary>Name of the kubernetes.io/tls Secret to write, in the policy's namespace.</summary>
    [Required]
    [Length(1, 253)]
    public string SecretName { get; init; } = "";

    /// <summary>Labels and annotations to put on the Secret.</summary>
    public SecretTemplate? SecretTemplate { get; init; }

    /// <summary>Further forms of the key pair to keep in the same Secret.</summary>
    [Items(0, 3)]
    public IReadOnlyList<SecretOutput>? Outputs { get; init; }

    /// <summary>Renew when the certificate has this long to live, for example 720h or 30d. Excludes renewBeforePercentage. Default: the last third of the issued lifetime.</summary>
    [Length(1, 32)]
    public string? RenewBefore { get; init; }

    /// <summary>Renew when this percentage of the issued lifetime is left. Excludes renewBefore.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(99)]
    public int? RenewBeforePercentage { get; init; }

    /// <summary>Times in which renewals that are due may start; what is needed at once does not wait for them, nor does a certificate that would expire. Default: at any time.</summary>
    [Items(0, 20)]
    public IReadOnlyList<WindowSpec>? Windows { get; init; }

    /// <summary>Workloads to restart and servers to tell after a renewal, before the endpoints are asked.</summary>
    public DeploySpec? Deploy { get; init; }

    /// <summary>Least time between two certificates for the same hostname, also those of other policies; a run that comes earlier waits. It never lets a certificate expire. Default: 3600.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(604800)]
    public int? CooldownSeconds { get; init; }

    /// <summary>Which endpoints are asked, after a renewal, whether they serve the new certificate. Default: port 443 of the hostname.</summary>
    public VerifySpec? Verify { get; init; }

    /// <summary>While true a run that names no mode is a dry run, scheduled ones too: nothing is issued unless that is asked for with annotation certoperator.io/renew-mode: Live. Default: false.</summary>
    public bool? DryRunDefault { get; init; }

    /// <summary>Mail addresses that are told when a run fails or needs a person, and when that is over. The mail server is in CertificateRenewalSettings "default", field incidents.email.</summary>
    [Items(0, 20)]
    [Length(3, 254)]
    [Pattern(MailAddressPattern)]
    public IReadOnlyList<string>? NotifyOnFailure { get; init; }

    /// <summary>How much the host matters; becomes the severity of its incidents. Default: medium; critical when the certificate is about to expire or has expired.</summary>
    public Criticality? Criticality { get; init; }

    /// <summary>While true no scheduled run starts. A run in progress is finished, and one that is asked for by annotation still starts.</summary>
    public bool? Suspend { get; init; }

    /// <summary>How many finished runs are kept. Default: 10.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1000)]
    public int? HistoryLimit { get; init; }
}
