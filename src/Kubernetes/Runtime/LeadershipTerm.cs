namespace CertOperator.Kubernetes;

/// <summary>The time during which a <see cref="LeaderElector"/> leads.</summary>
/// <param name="Stopping">
/// The work is to end. If the process is asked to end, the Lease is still renewed until the work has ended; it is also
/// cancelled together with <paramref name="Lost"/>.
/// </param>
/// <param name="Lost">
/// The Lease could not be renewed. The work must stop at once: another process may lead after what remains of the
/// lease duration, five seconds with the defaults.
/// </param>
public sealed record LeadershipTerm(CancellationToken Stopping, CancellationToken Lost);
