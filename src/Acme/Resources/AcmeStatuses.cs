namespace CertOperator.Acme;

/// <summary>RFC 8555 section 7.1.2.</summary>
public enum AccountStatus
{
    Valid,
    Deactivated,
    Revoked,
}

/// <summary>RFC 8555 section 7.1.3.</summary>
public enum OrderStatus
{
    Pending,
    Ready,
    Processing,
    Valid,

    /// <summary>Also for the "deactivated", "expired" and "revoked" that some servers show when an authorization ended so.</summary>
    Invalid,
}

/// <summary>RFC 8555 section 7.1.4.</summary>
public enum AuthorizationStatus
{
    Pending,
    Valid,
    Invalid,
    Deactivated,
    Expired,
    Revoked,
}

/// <summary>RFC 8555 section 8.</summary>
public enum ChallengeStatus
{
    Pending,
    Processing,
    Valid,
    Invalid,
}
