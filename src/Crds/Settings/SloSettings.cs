using CertOperator.Kubernetes.Schema;

namespace CertOperator.Crds.Settings;

/// <summary>What is promised of the certificates of this namespace. The alerts in the PrometheusRule that the operator writes for it follow from this.</summary>
public sealed record SloSettings
{
    /// <summary>
    /// From 94 to 99.99. At 93.06 and less nothing could burn 14.4 times as fast as it may, and no page could ever fire.
    /// </summary>
    public const string ObjectivePattern = @"^9[4-9](\.[0-9]{1,2})?$";

    /// <summary>Prometheus expands templates in annotations, and a template may ask for every metric: no braces but the one placeholder.</summary>
    public const string RunbookPattern = @"^https?://([^\s{}]|\{alert\})+$";

    /// <summary>Share of the certificates, in percent, that are renewed in time, such as "99.5". Default: 99.5.</summary>
    [Pattern(ObjectivePattern)]
    public string? Freshness { get; init; }

    /// <summary>Share of the endpoints, in percent, that serve the certificate in the Secret. Default: 99.5.</summary>
    [Pattern(ObjectivePattern)]
    public string? Served { get; init; }

    /// <summary>Share of the policies, in percent, whose last renewal succeeded. Default: 99.</summary>
    [Pattern(ObjectivePattern)]
    public string? Renewal { get; init; }

    /// <summary>A renewal is overdue when less than this share, in percent, is left of the time between renewalTime and the end of the certificate. Default: 70.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(99)]
    public int? OverduePercentage { get; init; }

    /// <summary>Somebody is woken when less than this share of that time is left. Default: 25.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(99)]
    public int? ExpiringPercentage { get; init; }

    /// <summary>For certificates that the operator does not renew by itself: a ticket when they end in so many days, or in a third of their lifetime where that is less. Default: 30.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(365)]
    public int? WarningDays { get; init; }

    /// <summary>For the same: somebody is woken when they end in so many days, or in a twelfth of their lifetime where that is less. Default: 7.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(365)]
    public int? CriticalDays { get; init; }

    /// <summary>A page, http or https, that alerts link to; {alert} stands for the alert's name, and there are no other braces. Default: https://certoperator.io/runbooks/{alert}.</summary>
    [Length(1, 2048)]
    [Pattern(RunbookPattern)]
    public string? RunbookUrl { get; init; }

    /// <summary>Labels for the PrometheusRule, beside those of the operator: whatever the Prometheus of this cluster selects by, such as release.</summary>
    [Items(0, 50)]
    [Length(0, 63)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
