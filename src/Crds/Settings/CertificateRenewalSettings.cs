using System.Text.Json.Serialization;
using CertOperator.Crds.Policies;
using CertOperator.Kubernetes;
using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>Defaults for every policy of a namespace. Only the object named "default" counts.</summary>
[KubernetesEntity(Group = CertOperatorApi.Group, Version = CertOperatorApi.Version, Kind = KindName, Plural = PluralName, Singular = "certificaterenewalsettings", OnlyName = DefaultName, ShortNames = ["crset"], Categories = [CertOperatorApi.Category])]
[PrinterColumn("Server", "string", ".spec.providers.acme.server")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class CertificateRenewalSettings : IKubernetesObject
{
    public const string KindName = "CertificateRenewalSettings";
    public const string PluralName = "certificaterenewalsettings";
    public const string DefaultName = "default";

    public string ApiVersion { get; set; } = CertOperatorApi.ApiVersion;

    public string Kind { get; set; } = KindName;

    public ObjectMeta Metadata { get; set; } = new();

    /// <summary>The defaults.</summary>
    [Required]
    public SettingsSpec Spec { get; set; } = new();
}

/// <summary>The defaults of a namespace.</summary>
public sealed record SettingsSpec
{
    /// <summary>Settings of the providers. A policy that names another server takes none of these: credentials stay with their server.</summary>
    public ProviderConfig? Providers { get; init; }

    /// <summary>What policies take where they say nothing themselves, by their labels. Of several entries that fit, each field comes from the first that has it.</summary>
    [Items(0, 50)]
    public IReadOnlyList<PolicyDefaults>? Defaults { get; init; }

    /// <summary>Whether policies may say themselves how providers, key backends and targets are reached and which Secrets are sent there. Denied keeps that to these settings: spec.providerConfig, spec.keyBackend, spec.keyBackendConfig, spec.deploy.targets and spec.deploy.webhooks of a policy are refused then. Default: Allowed.</summary>
    public PolicyConfiguration? PolicyConfiguration { get; init; }

    /// <summary>Which provider a cost-aware batch takes where several cost the same, the most preferred first. Those that are not named follow in the order of the policy.</summary>
    [Items(0, 10)]
    public IReadOnlyList<CertificateProviderKind>? PreferredProviders { get; init; }

    /// <summary>What certificates cost here. Default: the published prices.</summary>
    [Items(0, 20)]
    [ListMapKey("provider")]
    public IReadOnlyList<ProviderCost>? Costs { get; init; }

    /// <summary>Which batches may renew the policies of this namespace.</summary>
    public BatchSettings? Batches { get; init; }

    /// <summary>How many certificates a CA is asked for.</summary>
    public BudgetsConfig? Budgets { get; init; }

    /// <summary>Who is told when a run fails or needs a person.</summary>
    public IncidentSettings? Incidents { get; init; }

    /// <summary>Ways to answer challenges. http-01 needs none where port 80 of the name leads to the operator by itself.</summary>
    [Items(0, 100)]
    [ListMapKey("name")]
    public IReadOnlyList<SolverSpec>? Solvers { get; init; }

    /// <summary>How often endpoints are asked which certificate they serve.</summary>
    public ProbeSettings? Probe { get; init; }

    /// <summary>What is promised of the certificates here, and with it when alerts fire.</summary>
    public SloSettings? Slo { get; init; }
}

/// <summary>Whether policies may hold what is otherwise in the settings.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PolicyConfiguration>))]
public enum PolicyConfiguration
{
    Allowed,
    Denied,
}

/// <summary>How often endpoints are asked which certificate they serve.</summary>
public sealed record ProbeSettings
{
    /// <summary>The longest time between two looks at the endpoints of a policy. Default: 3600.</summary>
    [RangeMinimum(60)]
    [RangeMaximum(604800)]
    public int? IntervalSeconds { get; init; }
}
