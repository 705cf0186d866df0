using CertOperator.Acme;

namespace CertOperator.Providers.Acme;

/// <summary>
/// Finds the order that a killed process may have placed: the CA has it, the cluster does not know its URL. Looks through the
/// account's list of orders (RFC 8555, section 7.1.2.1). A CA without such a list, as Let's Encrypt, returns the same pending
/// order when it is asked for the same names again, so there a second newOrder does no harm.
/// </summary>
public static class InterruptedOrders
{
    /// <summary>The order that is wanted is among the newest; older ones without a run are those whose run the history dropped.</summary>
    private const int MaxLookups = 200;

    public static async Task<AcmeOrder?> FindAsync(AccountSession session, IReadOnlyList<AcmeIdentifier> identifiers, Func<string, bool> isTaken, CancellationToken cancellationToken)
    {
        if (session.Details.Orders is not { } orders)
        {
            return null;
        }

        var wanted = identifiers.ToHashSet();
        return await session.Account.FindOrderAsync(
            orders,
            url => isTaken(url.OriginalString),
            order => order.Status is OrderStatus.Pending or OrderStatus.Ready && wanted.SetEquals(order.Identifiers),
            MaxLookups,
            cancellationToken);
    }
}
