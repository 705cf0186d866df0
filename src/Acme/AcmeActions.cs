namespace CertOperator.Acme;

/// <summary>What a request asked for: a closed set, fit for a metric label.</summary>
public static class AcmeActions
{
    public const string Directory = "directory";
    public const string NewNonce = "newNonce";
    public const string NewAccount = "newAccount";
    public const string Account = "account";
    public const string KeyChange = "keyChange";
    public const string Orders = "orders";
    public const string NewOrder = "newOrder";
    public const string Order = "order";
    public const string NewAuthorization = "newAuthz";
    public const string Authorization = "authz";
    public const string Challenge = "challenge";
    public const string Finalize = "finalize";
    public const string Certificate = "certificate";
    public const string RevokeCertificate = "revokeCert";
    public const string RenewalInfo = "renewalInfo";

    public static IReadOnlyList<string> All { get; } =
    [
        Directory, NewNonce, NewAccount, Account, KeyChange, Orders, NewOrder, Order, NewAuthorization, Authorization, Challenge, Finalize,
        Certificate, RevokeCertificate, RenewalInfo,
    ];
}
