using CertOperator.Providers.Incidents;

namespace CertOperator.Operator.Incidents;

/// <summary>What became of one try.</summary>
/// <param name="DedupKey">Of the incident.</param>
/// <param name="Sink">Who was to be told.</param>
/// <param name="ForRevision">The incident's revision at that time.</param>
/// <param name="RevisionAfter">What the receiver knows if it took the message.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Configuration">Stands for the settings and Secret that were used.</param>
public sealed record DeliveryResult(string DedupKey, string Sink, int ForRevision, int RevisionAfter, DeliveryOutcome Outcome, string? Configuration);
