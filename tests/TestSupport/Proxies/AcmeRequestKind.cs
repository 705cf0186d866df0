namespace CertOperator.TestSupport.Proxies;

/// <summary>What is asked of an ACME server, by Pebble's paths.</summary>
public enum AcmeRequestKind
{
    Directory,
    NewNonce,
    NewAccount,
    Account,
    OrderList,
    NewOrder,
    Order,
    Authorization,
    Challenge,
    Finalize,
    Certificate,
    RenewalInfo,
    Other,
}
