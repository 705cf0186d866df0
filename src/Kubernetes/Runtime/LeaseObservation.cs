namespace CertOperator.Kubernetes;

/// <summary>A state of the Lease, and since when, by our own clock, we know it unchanged.</summary>
/// <param name="Lease">As the API server sent it.</param>
/// <param name="Since">A timestamp of the time provider. The times inside the Lease come from other clocks and count for nothing.</param>
internal sealed record LeaseObservation(Lease Lease, long Since)
{
    public string Holder => Lease.Spec.HolderIdentity ?? "";

    /// <summary>How long the holder may trust that nobody else takes the Lease.</summary>
    public TimeSpan? Duration => Lease.Spec.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Whether the holder has renewed nothing in between.</summary>
    public bool IsSameRecord(Lease other) =>
        (Lease.Spec.HolderIdentity, Lease.Spec.AcquireTime, Lease.Spec.RenewTime, Lease.Spec.LeaseTransitions, Lease.Spec.LeaseDurationSeconds)
        == (other.Spec.HolderIdentity, other.Spec.AcquireTime, other.Spec.RenewTime, other.Spec.LeaseTransitions, other.Spec.LeaseDurationSeconds);
}
