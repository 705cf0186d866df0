using CertOperator.Providers.Incidents;

namespace CertOperator.Operator.Incidents;

/// <summary>A receiver with its credentials, or why there is none.</summary>
/// <param name="Target">Null where something is missing or wrong.</param>
/// <param name="Problem">What, where, and what to do.</param>
/// <param name="Configuration">Another text whenever the settings or a Secret have changed.</param>
public sealed record ResolvedTarget(IncidentTarget? Target, string? Problem, string Configuration);
