using System.Collections.Concurrent;
using CertOperator.Acme;

namespace CertOperator.Operator.DryRuns;

/// <summary>Keys of throw-away accounts at staging endpoints, one per endpoint, as long as the process lives: such endpoints limit new accounts too.</summary>
public sealed class StagingAccounts
{
    /// <summary>Tenants choose the endpoints.</summary>
    private const int MaxEntries = 100;

    private readonly ConcurrentDictionary<string, string> _keys = new(StringComparer.Ordinal);

    public string KeyFor(Uri server)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (_keys.Count > MaxEntries)
        {
            _keys.Clear();
        }

        return _keys.GetOrAdd(server.AbsoluteUri, static _ =>
        {
            using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
            return key.ToPkcs8Pem();
        });
    }
}
