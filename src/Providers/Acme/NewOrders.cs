using CertOperator.Acme;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>Places orders, with the certificate that is renewed where the CA cares for it (RFC 9773, section 5).</summary>
public static class NewOrders
{
    public static async Task<AcmeOrder> PlaceAsync(AccountSession account, IssuanceRequest request, IReadOnlyList<AcmeIdentifier> identifiers, CancellationToken cancellationToken)
    {
        var order = new NewOrderRequest { Identifiers = identifiers, Profile = ((AcmeIssuer)request.Issuer).Profile, Replaces = await ReplacesAsync(account, request, cancellationToken) };
        try
        {
            return await account.Account.NewOrderAsync(order, cancellationToken);
        }
        catch (AcmeProblemException e) when (order.Replaces is not null && MayBeAboutReplacement(e))
        {
            // The certificate may have been replaced already, or be none of this account's. What counts is the new one.
            return await account.Account.NewOrderAsync(order with { Replaces = null }, cancellationToken);
        }
    }

    private static async Task<CertificateId?> ReplacesAsync(AccountSession account, IssuanceRequest request, CancellationToken cancellationToken)
        => request.Replaces is { } id && (await account.Client.GetDirectoryAsync(cancellationToken)).RenewalInfo is not null ? CertificateId.TryParse(id) : null;

    /// <summary>CAs have no common words for "I do not know that certificate"; those that clearly speak of something else are left out.</summary>
    private static bool MayBeAboutReplacement(AcmeProblemException e)
        => e.Kind is AcmeErrorKind.AlreadyReplaced or AcmeErrorKind.Malformed or AcmeErrorKind.Unauthorized or AcmeErrorKind.NotFound or AcmeErrorKind.Other
        || e.Problem.Status == 409;
}
