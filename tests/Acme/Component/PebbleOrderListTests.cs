using CertOperator.TestSupport;

namespace CertOperator.Acme.Tests.Component;

[Category("Component")]
public sealed class PebbleOrderListTests
{
    [Test]
    public async Task Orders_are_listed_over_pages_as_they_were_placed_and_a_lost_one_is_found()
    {
        await using var pebble = await PebbleFixture.StartAsync(new PebbleOptions { Strict = true, OrdersPerPage = 2 });
        using var key = AccountKey.Create(AccountKeyAlgorithm.ES256);
        var account = await pebble.NewAccountAsync(key);
        Uri ordersUrl = (await account.GetAsync(default)).Orders!;
        List<AcmeOrder> placed = [];
        for (var i = 0; i < 5; i++)
        {
            placed.Add(await account.NewOrderAsync(Issuance.OrderFor($"listed-{i}.example.com"), default));
        }

        pebble.Requests.Clear();
        List<Uri> listed = [];
        await foreach (var order in account.ListOrdersAsync(ordersUrl, default))
        {
            listed.Add(order);
        }

        var pages = pebble.Requests.Count(AcmeActions.Orders);
        pebble.Requests.Clear();
        var known = placed.Take(3).Select(o => o.Url).ToHashSet();
        var found = await account.FindOrderAsync(
            ordersUrl, known.Contains, o => o.Identifiers.Contains(AcmeIdentifier.Dns("listed-4.example.com")), 100, default);
        var looked = pebble.Requests.Count(AcmeActions.Order);
        var none = await account.FindOrderAsync(ordersUrl, known.Contains, o => o.Status == OrderStatus.Valid, 100, default);

        Assert.Multiple(() =>
        {
            Assert.That(listed, Is.EqualTo(placed.Select(o => o.Url)));
            Assert.That(pages, Is.EqualTo(3));
            Assert.That(found!.Url, Is.EqualTo(placed[4].Url));
            Assert.That(looked, Is.EqualTo(1), "the youngest is looked at first");
            Assert.That(none, Is.Null);
        });
    }
}
