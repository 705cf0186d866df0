using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Harness;

[Category("Component")]
public sealed class PebbleTests
{
    [Test]
    public async Task It_serves_its_directory_on_the_same_address_after_a_restart_with_a_new_root()
    {
        await using Pebble pebble = await Pebble.StartAsync(new PebbleOptions { AlternateRoots = 1, ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = "bWFjLWtleQ" } });
        using HttpClient client = pebble.CreateHttpClient();
        string directory = await client.GetStringAsync(pebble.DirectoryUrl);
        string root = await pebble.GetRootAsync();
        string alternate = await pebble.GetRootAsync(1);

        await pebble.RestartAsync();

        Assert.That(directory, Does.Contain("\"externalAccountRequired\": true"));
        Assert.That(alternate, Does.StartWith("-----BEGIN CERTIFICATE-----").And.Not.EqualTo(root));
        Assert.That(await client.GetStringAsync(pebble.DirectoryUrl), Is.EqualTo(directory));
        Assert.That(await pebble.GetRootAsync(), Is.Not.EqualTo(root));
        Assert.That(pebble.OrdersPlaced, Is.Zero);
        Assert.That(pebble.CertificatesIssued, Is.Zero);
    }
}
