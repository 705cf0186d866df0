namespace CertOperator.TestSupport.Proxies;

/// <summary>A request to an ACME server.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Http">The request itself.</param>
public sealed record AcmeRequest(AcmeRequestKind Kind, ProxiedRequest Http)
{
    public override string ToString() => $"{Kind} ({Http})";

    internal static AcmeRequest From(ProxiedRequest request) => new(
        request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() switch
        {
            "dir" => AcmeRequestKind.Directory,
            "nonce-plz" => AcmeRequestKind.NewNonce,
            "sign-me-up" => AcmeRequestKind.NewAccount,
            "my-account" => AcmeRequestKind.Account,
            "list-orderz" => AcmeRequestKind.OrderList,
            "order-plz" => AcmeRequestKind.NewOrder,
            "my-order" => AcmeRequestKind.Order,
            "authZ" => AcmeRequestKind.Authorization,
            "chalZ" => AcmeRequestKind.Challenge,
            "finalize-order" => AcmeRequestKind.Finalize,
            "certZ" => AcmeRequestKind.Certificate,
            "draft-ietf-acme-ari-03" or "renewalInfo" => AcmeRequestKind.RenewalInfo,
            _ => AcmeRequestKind.Other,
        },
        request);
}
