using CertOperator.Acme;
using CertOperator.Providers.Issuance;

namespace CertOperator.Providers.Acme;

/// <summary>Whom a CA writes to about an account.</summary>
public static class AccountContacts
{
    public static IReadOnlyList<string> Of(AcmeIssuer issuer) => issuer.Email is null ? [] : [$"mailto:{issuer.Email}"];

    /// <summary>Tells the CA a contact that it does not have yet (RFC 8555, section 7.3.2).</summary>
    /// <returns>A sentence for the run's log; null where there was nothing to tell.</returns>
    public static async Task<string?> TellAsync(AccountSession account, AcmeIssuer issuer, CancellationToken cancellationToken)
    {
        // Who names no address says nothing about it: the account may have come with one, or another policy may have named it.
        var contacts = Of(issuer);
        if (contacts.Count == 0 || contacts.SequenceEqual(account.Contacts, StringComparer.Ordinal))
        {
            return null;
        }

        try
        {
            await account.Account.UpdateAsync(contacts, cancellationToken);
            account.Contacts = contacts;
            return $"Its contact is {issuer.Email} now.";
        }
        catch (AcmeProblemException e) when (e.Kind != AcmeErrorKind.AccountDoesNotExist)
        {
            // A contact is not worth a certificate that expires.
            return $"It keeps the contact that it had: {issuer.Server.Host} answered {AcmeFailures.Sentence(e.Problem)} Check {issuer.Field}.email; the next run tells it again.";
        }
    }
}
