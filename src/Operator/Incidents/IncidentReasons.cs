namespace CertOperator.Operator.Incidents;

/// <summary>Condition, reasons and Events of incidents; part of the API, so they do not change.</summary>
public static class IncidentReasons
{
    /// <summary>The condition's type. True with the incident's cause as the reason.</summary>
    public const string IncidentOpen = "IncidentOpen";

    /// <summary>Reason of the condition when somebody was not told and will not be without a change.</summary>
    public const string DeliveryFailed = "DeliveryFailed";

    /// <summary>Reason of the condition after the end.</summary>
    public const string Resolved = "Resolved";

    // Events
    public const string IncidentOpened = "IncidentOpened";
    public const string IncidentUpdated = "IncidentUpdated";
    public const string IncidentAcknowledged = "IncidentAcknowledged";
    public const string IncidentResolved = "IncidentResolved";
    public const string IncidentNotDelivered = "IncidentNotDelivered";
}
