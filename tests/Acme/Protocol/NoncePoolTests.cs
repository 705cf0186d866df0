using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Protocol;

public sealed class NoncePoolTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void The_youngest_nonce_comes_first_and_each_only_once()
    {
        var pool = new NoncePool(10, TimeSpan.FromHours(1), _time);
        pool.Add("a");
        pool.Add("b");

        Assert.That(new[] { pool.TryTake(), pool.TryTake(), pool.TryTake() }, Is.EqualTo(new[] { "b", "a", null }));
    }

    [Test]
    public void A_full_pool_drops_its_oldest()
    {
        var pool = new NoncePool(2, TimeSpan.FromHours(1), _time);
        foreach (var nonce in new[] { "a", "b", "c" })
        {
            pool.Add(nonce);
        }

        Assert.That(new[] { pool.TryTake(), pool.TryTake(), pool.TryTake() }, Is.EqualTo(new[] { "c", "b", null }));
    }

    [Test]
    public void Stale_nonces_are_dropped_all_at_once()
    {
        var pool = new NoncePool(10, TimeSpan.FromHours(1), _time);
        pool.Add("a");
        pool.Add("b");
        _time.Advance(TimeSpan.FromMinutes(61));

        Assert.That(pool.TryTake(), Is.Null);
        Assert.That(pool.Count, Is.Zero);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("with space")]
    [TestCase("with=padding")]
    [TestCase("a\"b")]
    public void What_is_not_base64url_is_ignored(string? nonce)
    {
        var pool = new NoncePool(10, TimeSpan.FromHours(1), _time);

        pool.Add(nonce);

        Assert.That(pool.Count, Is.Zero);
    }
}
