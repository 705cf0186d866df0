namespace CertOperator.Acme;

/// <summary>Reason codes of RFC 5280 section 5.3.1 that make sense for an end-entity certificate.</summary>
public enum RevocationReason
{
    Unspecified = 0,
    KeyCompromise = 1,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
}
