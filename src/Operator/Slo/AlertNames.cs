namespace CertOperator.Operator.Slo;

/// <summary>Every alert that there is; each has a runbook of its name in docs/runbooks.</summary>
public static class AlertNames
{
    public const string FreshnessFastBurn = "CertificateFreshnessSLOFastBurn";
    public const string FreshnessSlowBurn = "CertificateFreshnessSLOSlowBurn";
    public const string ServedFastBurn = "ServedCertificateSLOFastBurn";
    public const string ServedSlowBurn = "ServedCertificateSLOSlowBurn";
    public const string RenewalFastBurn = "RenewalSuccessSLOFastBurn";
    public const string RenewalSlowBurn = "RenewalSuccessSLOSlowBurn";
    public const string RenewalOverdue = "CertificateRenewalOverdue";
    public const string ExpiringSoon = "CertificateExpiringSoon";
    public const string ExpiringWarning = "CertificateExpiringWarning";
    public const string ServedMismatch = "ServedCertificateMismatch";
    public const string EndpointUnreachable = "EndpointUnreachable";
    public const string PolicyStalled = "PolicyStalled";
    public const string RenewalFailures = "RenewalFailures";
    public const string IssuerOutage = "IssuerOutage";
    public const string IncidentDeliveryFailing = "IncidentDeliveryFailing";
    public const string InventoryBlind = "CertificateInventoryBlind";
    public const string RenewalEngineStalled = "RenewalEngineStalled";

    public static IReadOnlyList<string> All { get; } =
    [
        FreshnessFastBurn, FreshnessSlowBurn, ServedFastBurn, ServedSlowBurn, RenewalFastBurn, RenewalSlowBurn, RenewalOverdue,
        ExpiringSoon, ExpiringWarning, ServedMismatch, EndpointUnreachable, PolicyStalled, RenewalFailures, IssuerOutage, IncidentDeliveryFailing, InventoryBlind, RenewalEngineStalled,
    ];
}
