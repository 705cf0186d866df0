namespace CertOperator.Kubernetes;

/// <summary>What came of one attempt to take or renew the Lease.</summary>
/// <param name="Outcome">Who has the Lease now.</param>
/// <param name="Observation">The newest state seen; null if there is no Lease or none was seen.</param>
internal sealed record LeaseAttempt(LeaseAttemptOutcome Outcome, LeaseObservation? Observation);

/// <summary>Who has the Lease after an attempt.</summary>
internal enum LeaseAttemptOutcome
{
    /// <summary>We do: our write was accepted.</summary>
    Held,

    /// <summary>Somebody else does.</summary>
    HeldByOther,

    /// <summary>Unknown: another candidate was quicker, or no answer came.</summary>
    Failed,
}
