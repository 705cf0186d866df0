using CertOperator.Operator.Hosting.Access;
using CertOperator.Operator.Telemetry;

namespace CertOperator.Operator.Hosting;

/// <summary>What the metrics' port serves, and to whom.</summary>
/// <param name="Registry">The instruments.</param>
/// <param name="Certificate">Null for plain HTTP.</param>
/// <param name="Access">Null: everybody may read them.</param>
/// <param name="Problem">Why they would not be true yet; null when they are.</param>
public sealed record ServedMetrics(MetricRegistry Registry, ServingCertificate? Certificate, ScraperAccess? Access, Func<string?> Problem);
