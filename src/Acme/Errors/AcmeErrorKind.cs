namespace CertOperator.Acme;

/// <summary>The problem types of RFC 8555 section 6.7 and its extensions, closed, so that callers can switch over them.</summary>
public enum AcmeErrorKind
{
    /// <summary>A type this library does not know; see <see cref="AcmeProblem.Type"/>.</summary>
    Other,
    AccountDoesNotExist,
    AlreadyRevoked,
    BadCsr,
    BadNonce,
    BadPublicKey,
    BadRevocationReason,
    BadSignatureAlgorithm,
    Caa,

    /// <summary>Several identifiers failed: look at the subproblems.</summary>
    Compound,
    Connection,
    Dns,
    ExternalAccountRequired,
    IncorrectResponse,
    InvalidContact,
    Malformed,
    OrderNotReady,
    RateLimited,
    RejectedIdentifier,
    ServerInternal,
    Tls,
    Unauthorized,
    UnsupportedContact,
    UnsupportedIdentifier,
    UserActionRequired,

    /// <summary>RFC 9773 section 5: another order already names this certificate in "replaces".</summary>
    AlreadyReplaced,

    /// <summary>draft-ietf-acme-profiles: the profile is unknown to the CA or not open to this account.</summary>
    InvalidProfile,

    /// <summary>HTTP 404 or 410 for a resource: the CA no longer knows it. CAs label it "malformed" or send no document at all.</summary>
    NotFound,

    /// <summary>HTTP 409 on a key change: the new key already belongs to another account (RFC 8555 section 7.3.5).</summary>
    KeyInUse,
}
