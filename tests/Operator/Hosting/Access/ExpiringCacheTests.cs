using CertOperator.Operator.Hosting.Access;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Hosting.Access;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ExpiringCacheTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void A_value_is_there_until_its_time_is_over()
    {
        var cache = new ExpiringCache<int>(2, _time);
        cache.Set("a", 1, TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(1.9));
        var early = cache.TryGet("a", out var value);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.That((early, value, cache.TryGet("a", out _)), Is.EqualTo((true, 1, false)));
    }

    [Test]
    public void A_full_one_forgets_what_ends_first()
    {
        var cache = new ExpiringCache<int>(2, _time);
        cache.Set("long", 1, TimeSpan.FromMinutes(5));
        cache.Set("short", 2, TimeSpan.FromMinutes(1));
        cache.Set("long", 3, TimeSpan.FromMinutes(5));
        cache.Set("third", 4, TimeSpan.FromMinutes(2));

        Assert.That((cache.TryGet("long", out var kept), kept, cache.TryGet("short", out _), cache.TryGet("third", out _)), Is.EqualTo((true, 3, false, true)));
    }
}
