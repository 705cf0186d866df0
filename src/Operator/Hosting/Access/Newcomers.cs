using System.Net;

namespace CertOperator.Operator.Hosting.Access;

/// <summary>
/// How many tokens that nobody knows yet the API server is asked about. Anybody who reaches the port can make up tokens, and each would be
/// a request to the API server. Scrapers that are known do not pass here.
/// </summary>
internal sealed class Newcomers(TimeProvider time)
{
    /// <summary>A scraper is new once, and again when its token is: ten a second are far more than a cluster has, and nothing to an API server.</summary>
    public const int PerSecond = 10;

    /// <summary>All scrapers of a large cluster may come at once after a restart of the operator.</summary>
    public const int Burst = 20;

    /// <summary>A fifth for one address: one pod that makes up tokens leaves the rest to others.</summary>
    public const int PerSecondOfOne = 2;

    /// <summary>Several scrapers behind one address come at once.</summary>
    public const int BurstOfOne = 10;

    private const int MostAddresses = 1024;

    /// <summary>By then a bucket is full again, and a new one is the same.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(BurstOfOne / (double)PerSecondOfOne);

    private readonly TokenBucket _all = new(PerSecond, Burst, time);
    private readonly ExpiringCache<TokenBucket> _byAddress = new(MostAddresses, time);
    private readonly Lock _lock = new();

    /// <summary>Whether the API server may be asked about one more, from this address.</summary>
    public bool Admit(IPAddress from)
    {
        var key = (from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from).ToString();
        lock (_lock)
        {
            if (!_byAddress.TryGet(key, out var own))
            {
                own = new TokenBucket(PerSecondOfOne, BurstOfOne, time);
            }

            if (!own.TryTake() || !_all.TryTake())
            {
                return false;
            }

            _byAddress.Set(key, own, Remembered);
            return true;
        }
    }
}
