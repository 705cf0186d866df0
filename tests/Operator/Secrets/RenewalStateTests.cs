using System.Text;
using CertOperator.Crds.Runs;
using CertOperator.Kubernetes;
using CertOperator.Operator.Hosting;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Secrets.Sealing;
using CertOperator.Operator.Telemetry;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Secrets;

public sealed class RenewalStateTests
{
    private readonly InMemoryCluster _cluster = new();
    private readonly FixedMasterKeys _keys = new(FixedMasterKeys.Named("k1"));
    private readonly TestAuthority _authority = TestAuthority.CreateRoot(TimeProvider.System);

    private RenewalState State => new(_cluster, _keys);

    private IResourceClient<Secret> Secrets => _cluster.Resource(CoreResources.Secrets);

    [OneTimeTearDown]
    public void DisposeAuthority() => _authority.Dispose();

    [SetUp]
    public async Task StartOverAsync()
    {
        _keys.Ring = FixedMasterKeys.Named("k1");
        if (await FindAsync() is { } left)
        {
            await Secrets.DeleteAsync(NamespacedName.Of(left), null, default);
        }
    }

    [Test]
    public async Task Keys_are_sealed_and_come_back_with_one_write_each()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var writes = _cluster.Writes.Count();
        await State.StageAsync(A.Policy(), A.Run(), null, key, Pair("a", out var current), default);

        Assert.That(_cluster.Writes.Count() - writes, Is.EqualTo(1));
        Assert.That(((await FindAsync())!.Data!).Where(d => d.Key.EndsWith(".key", StringComparison.Ordinal)).Select(d => Encoding.ASCII.GetString(d.Value)), Has.Exactly(2).StartsWith("sealed:v1:k1:"));
        var read = await State.FindAsync(A.Policy(), default);
        using var staged = read!.StagedFor(A.Run());
        Assert.That(staged!.SubjectPublicKeyInfo, Is.EqualTo(key.SubjectPublicKeyInfo));
        Assert.That(Encoding.ASCII.GetString(read.KeptPairs().Single().PrivateKey), Is.EqualTo(current.KeyPem));
    }

    [Test]
    public async Task A_pair_is_pushed_aside_twice_and_still_opens()
    {
        var pairs = new List<IssuedLeaf>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
            var current = Pair(name, out var leaf);
            pairs.Add(leaf);
            await State.StageAsync(A.Policy(), A.Run(), await State.FindAsync(A.Policy(), default), key, current, default);
        }

        var kept = (await State.FindAsync(A.Policy(), default))!.KeptPairs().ToList();
        Assert.That(kept.Select(k => Encoding.ASCII.GetString(k.PrivateKey)), Is.EqualTo(new[] { pairs[2].KeyPem, pairs[1].KeyPem }));
        Assert.That(kept.Select(k => k.Obstacle), Has.All.Null);
    }

    [Test]
    public async Task A_key_whose_master_key_is_missing_is_not_taken_for_lost()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        await State.StageAsync(A.Policy(), A.Run(), null, key, null, default);
        _keys.Ring = FixedMasterKeys.Named("k0");

        var blind = await State.FindAsync(A.Policy(), default);
        Assert.That(() => blind!.StagedFor(A.Run()), Throws.InstanceOf<MasterKeyException>().With.Message.Contains("master key k1, which the operator does not have"));
        Assert.That(blind!.StagedFor(A.Run(name: "www-2")), Is.Null, "it is none of another run's");

        // Another replica has put the key there meanwhile.
        _keys.Newer = FixedMasterKeys.Named("k1", "k0");
        using var found = (await State.FindAsync(A.Policy(), default))!.StagedFor(A.Run());
        Assert.That(found!.SubjectPublicKeyInfo, Is.EqualTo(key.SubjectPublicKeyInfo));
        _keys.Newer = null;
    }

    [Test]
    public async Task A_key_that_was_staged_for_something_else_is_known()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        await State.StageAsync(A.Policy(), A.Run(new RunStatus { RequestHash = "first" }), null, key, null, default);
        var state = (await State.FindAsync(A.Policy(), default))!;
        Assert.That((state.IsStagedForRequest("first"), state.IsStagedForRequest("second")), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task The_key_of_another_namespace_or_policy_does_not_open_and_is_reported()
    {
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        var state = await State.StageAsync(A.Policy(), A.Run(), null, key, Pair("a", out _), default);

        state.Metadata.Namespace = "other";
        var moved = new PolicyState(state, A.PolicyUid, _keys.Ring);
        Assert.That(moved.StagedFor(A.Run()), Is.Null);
        Assert.That(moved.DescribeSpoiltStagedKey(), Does.StartWith("What Secret certoperator-state-www holds as staged.key does not open and is replaced. It was sealed for another namespace"));
        Assert.That(moved.KeptPairs().Single().Obstacle, Does.StartWith("previous.key of Secret certoperator-state-www does not open."));
        Assert.That(((RollbackCandidate.Refused)KeptPair.Choose(moved, null, A.Resolved(), A.Now)).Message, Does.Contain("cannot be used").And.Contain("does not open"));
        state.Metadata.Namespace = "shop";
        Assert.That(new PolicyState(state, "another uid", _keys.Ring).StagedFor(A.Run()), Is.Null);
    }

    [Test]
    public async Task Plain_keys_of_an_earlier_version_are_read_and_sealed_by_the_next_write()
    {
        var secret = await StoreAsync(plain: true, out var older);
        using (var staged = new PolicyState(secret, A.PolicyUid, _keys.Ring).StagedFor(A.Run()))
        {
            Assert.That(staged, Is.Not.Null);
        }

        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        await State.StageAsync(A.Policy(), A.Run(), await State.FindAsync(A.Policy(), default), key, null, default);

        Assert.That(Encoding.ASCII.GetString((await FindAsync())!.Data!["previous.key"]), Does.StartWith("sealed:v1:k1:"));
        Assert.That(Encoding.ASCII.GetString((await State.FindAsync(A.Policy(), default))!.KeptPairs().Single().PrivateKey), Is.EqualTo(older.KeyPem));
    }

    [Test]
    public async Task A_pair_whose_master_key_is_missing_for_a_while_is_not_lost()
    {
        await StoreAsync(plain: false, out var older);
        _keys.Ring = FixedMasterKeys.Named("k2");
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        await State.StageAsync(A.Policy(), A.Run(), await State.FindAsync(A.Policy(), default), key, Pair("b", out _), default);
        Assert.That((await State.FindAsync(A.Policy(), default))!.KeptPairs().Last().Obstacle, Does.Contain("master key k1"));

        _keys.Ring = FixedMasterKeys.Named("k2", "k1");
        Assert.That(Encoding.ASCII.GetString((await State.FindAsync(A.Policy(), default))!.KeptPairs().Last().PrivateKey), Is.EqualTo(older.KeyPem));
    }

    [Test]
    public async Task A_new_first_key_seals_every_state_again_and_it_is_said_when_no_other_is_needed()
    {
        await StoreAsync(plain: false, out var older);
        var policies = new ObjectStore<Crds.Policies.CertificateRenewalPolicy>();
        policies.Observe(A.Policy());
        var metrics = new CertOperatorMetrics(BuildInformation.Current);
        var time = new ManualTimeProvider();
        var lines = new RecordingLogger<MasterKeyRotation>();
        var rotation = new MasterKeyRotation(policies, State, _keys, metrics, time, lines);
        using var stop = new CancellationTokenSource();
        _keys.Ring = FixedMasterKeys.Named("k2", "k1");

        var running = rotation.RunAsync(stop.Token);
        await time.WaitForTimersAsync(2);
        time.Advance(TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(_ => Task.FromResult(lines.Messages.Any(m => m.Contains("Nothing needs k1 any more", StringComparison.Ordinal))), TimeSpan.FromSeconds(10), "the end of the rotation");
        await stop.CancelAsync();
        await running;

        _keys.Ring = FixedMasterKeys.Named("k2");
        var state = (await State.FindAsync(A.Policy(), default))!;
        Assert.That(state.MasterKeys(), Is.EqualTo(new[] { "k2" }));
        Assert.That(Encoding.ASCII.GetString(state.KeptPairs().Single().PrivateKey), Is.EqualTo(older.KeyPem));
        using var staged = state.StagedFor(A.Run());
        Assert.That(staged, Is.Not.Null);
    }

    private Task<Secret?> FindAsync() => Secrets.FindAsync(new NamespacedName("shop", "certoperator-state-www"), default);

    private Task<Secret> StoreAsync(bool plain, out IssuedLeaf kept)
    {
        var current = Pair("a", out kept);
        using var key = PrivateKeyPair.Create(KeyAlgorithm.Ecdsa, 256);
        return StoreAsync(current, key.ToPkcs8Pem(), plain, kept);
    }

    private async Task<Secret> StoreAsync(Secret current, string keyPem, bool plain, IssuedLeaf kept)
    {
        using var key = PrivateKeyPair.FromPem(keyPem);
        var secret = await State.StageAsync(A.Policy(), A.Run(), null, key, current, default);
        if (plain)
        {
            secret.Data!["staged.key"] = Encoding.ASCII.GetBytes(keyPem);
            secret.Data["previous.key"] = Encoding.ASCII.GetBytes(kept.KeyPem);
            secret = await Secrets.UpdateAsync(secret, default);
        }

        return secret;
    }

    private Secret Pair(string name, out IssuedLeaf leaf)
    {
        leaf = _authority.Issue(new LeafRequest($"{name}.example.com"));
        return new Secret { Data = new() { ["tls.crt"] = Encoding.ASCII.GetBytes(leaf.ChainPem), ["tls.key"] = Encoding.ASCII.GetBytes(leaf.KeyPem) } };
    }
}
