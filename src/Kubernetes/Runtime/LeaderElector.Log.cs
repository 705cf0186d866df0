using Microsoft.Extensions.Logging;

namespace CertOperator.Kubernetes;

public sealed partial class LeaderElector
{
    [LoggerMessage(220, LogLevel.Information, "Waiting for the lease {Lease} as {Identity}")]
    private partial void Waiting(NamespacedName lease, string identity);

    [LoggerMessage(221, LogLevel.Information, "Holding the lease {Lease} as {Identity}: leading")]
    private partial void Leading(NamespacedName lease, string identity);

    [LoggerMessage(222, LogLevel.Information, "The lease {Lease} is held by {Holder}")]
    private partial void SawLeader(NamespacedName lease, string holder);

    [LoggerMessage(223, LogLevel.Warning, "The lease {Lease} could not be taken or renewed: {Error}")]
    private partial void AttemptFailed(NamespacedName lease, string error);

    [LoggerMessage(224, LogLevel.Error, "Lost the lease {Lease} as {Identity}: no longer leading")]
    private partial void Lost(NamespacedName lease, string identity);

    [LoggerMessage(225, LogLevel.Information, "Gave back the lease {Lease} as {Identity}")]
    private partial void Released(NamespacedName lease, string identity);

    [LoggerMessage(226, LogLevel.Warning, "The lease {Lease} could not be given back; the others wait {Seconds} s for it: {Error}")]
    private partial void ReleaseFailed(NamespacedName lease, double seconds, string error);

    [LoggerMessage(227, LogLevel.Critical, "Lost the lease {Lease} as {Identity}, and the work has not stopped in time: another process may lead as well")]
    private partial void Overrun(NamespacedName lease, string identity);

    [LoggerMessage(228, LogLevel.Warning, "The work under the lease {Lease} failed while it was ending")]
    private partial void EndedWithFailure(Exception exception, NamespacedName lease);
}
