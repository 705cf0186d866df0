using CertOperator.Kubernetes;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets.Sealing;

public sealed class MasterKeySourceTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task A_file_is_read_again_when_it_has_changed_and_a_spoilt_one_changes_nothing()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("keys");
        await File.WriteAllTextAsync(path, FixedMasterKeys.Named("k1").ToText());
        using var keys = new MasterKeyFile(path, MasterKeyUnwrapping.None, _time, NullLogger<MasterKeyFile>.Instance);

        await File.WriteAllTextAsync(path, FixedMasterKeys.Named("k2", "k1").ToText());
        Assert.That((await keys.GetAsync(default)).First.Id, Is.EqualTo("k1"), "not looked at again yet");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((await keys.GetAsync(default)).First.Id, Is.EqualTo("k2"));

        foreach (var spoil in new Action[] { () => File.WriteAllText(path, "half a li"), () => File.Delete(path) })
        {
            spoil();
            _time.Advance(TimeSpan.FromSeconds(10));
            Assert.That((await keys.GetAsync(default)).First.Id, Is.EqualTo("k2"));
        }
    }

    [Test]
    public void A_file_that_is_not_there_keeps_the_operator_from_starting()
        => Assert.That(() => new MasterKeyFile("/nowhere/keys", MasterKeyUnwrapping.None, _time, NullLogger<MasterKeyFile>.Instance), Throws.TypeOf<MasterKeyException>().With.Message.StartsWith("--master-key-file /nowhere/keys cannot be read"));

    [Test]
    public async Task Without_a_file_a_Secret_is_made_once_and_replicas_agree_on_it()
    {
        var cluster = new InMemoryCluster();
        using var one = Secret(cluster);
        using var other = Secret(cluster);
        Assert.That(await one.FindAsync(default), Is.Null, "nothing is made before it is needed");

        // Both find none, and the other one is faster.
        cluster.Before = request =>
        {
            if (request.StartsWith("create", StringComparison.Ordinal))
            {
                cluster.Before = null;
                other.GetAsync(default).AsTask().GetAwaiter().GetResult();
            }
        };
        var mine = await one.GetAsync(default);

        Assert.That(mine, Is.EqualTo(await other.GetAsync(default)));
        Assert.That(cluster.Writes.Count(w => w == "create secrets system/certoperator-master-key"), Is.EqualTo(2), "the second one in vain");
    }

    [Test]
    public async Task A_Secret_that_somebody_deletes_is_made_again_with_the_same_keys()
    {
        var cluster = new InMemoryCluster();
        using var keys = Secret(cluster);
        var before = await keys.GetAsync(default);
        await cluster.Resource(CoreResources.Secrets).DeleteAsync(new NamespacedName("system", MasterKeySecret.SecretName), null, default);

        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.That(await keys.FindAsync(default), Is.EqualTo(before));
        using var restarted = Secret(cluster);
        Assert.That(await restarted.GetAsync(default), Is.EqualTo(before));
    }

    [Test]
    public async Task A_Secret_that_holds_something_else_is_reported_and_never_overwritten()
    {
        var cluster = new InMemoryCluster();
        await cluster.Resource(CoreResources.Secrets).CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = MasterKeySecret.SecretName, Namespace = "system" }, Data = new() { ["other"] = [1] } },
            default);
        using var keys = Secret(cluster);

        Assert.That(async () => await keys.GetAsync(default), Throws.TypeOf<MasterKeyException>().With.Message.StartsWith("Secret system/certoperator-master-key, key keys, is missing"));
        Assert.That(cluster.Writes, Has.Exactly(1).Items);
    }

    private MasterKeySecret Secret(InMemoryCluster cluster, MasterKeyUnwrapping? unwrapping = null)
        => new(cluster, "system", unwrapping ?? MasterKeyUnwrapping.None, _time, NullLogger<MasterKeySecret>.Instance);
}
