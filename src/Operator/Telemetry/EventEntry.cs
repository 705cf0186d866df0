using CertOperator.Kubernetes;

namespace CertOperator.Operator.Telemetry;

/// <summary>One line of the reference of Events.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Type">Warning for what somebody may have to look at.</param>
/// <param name="Reason">Its reason.</param>
/// <param name="Meaning">What has happened.</param>
public sealed record EventEntry(string Kind, EventType Type, string Reason, string Meaning);
