using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Authorities;
using CertOperator.Operator.Issuers;
using CertOperator.Operator.Policies.Issuers;
using CertOperator.Operator.Secrets;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Authorities;

/// <summary>A CA with a life of 100 days, which has a successor after 50, that signs a day later.</summary>
public sealed class PrivateRootTests
{
    private static readonly NamespacedName Name = new("shop", "ca");
    private static readonly NamespacedName Bundle = new("shop", "ca-trust");

    private ManualTimeProvider _time = new();
    private InMemoryCluster _cluster = new();
    private ObjectStore<CertificateRenewalPolicy> _policies = new();
    private RecordingLogger<PrivateRootReconciler> _log = new();

    private Events _events = new();

    private ResourceStores _stores = null!;

    [SetUp]
    public void StartOver()
    {
        (_time, _cluster, _policies, _log) = (new ManualTimeProvider(), new InMemoryCluster(), new ObjectStore<CertificateRenewalPolicy>(), new RecordingLogger<PrivateRootReconciler>());
        _events = new Events();
        _stores = new ResourceStores(_policies, new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());
        _policies.Observe(Policy());
    }

    [Test]
    public async Task A_CA_lives_through_three_generations_and_every_one_is_trusted_before_it_signs()
    {
        var signed = new List<string>();
        for (var day = 0; day < 250; day++)
        {
            await ReconcileAsync();
            var state = await StateAsync();
            var bundle = await BundleAsync();
            if (!signed.Contains(state.Active.Subject))
            {
                signed.Add(state.Active.Subject);
            }

            Assert.That(bundle, Does.Contain(await TextAsync("tls.crt")), $"day {day}: what signs is trusted");
            Assert.That(state.Active.NotAfter, Is.GreaterThan(_time.GetUtcNow()));
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.That(signed, Has.Count.EqualTo(5));
        Assert.That(_log.Messages, Has.Some.Contains("Activate is done").And.Some.Contains("Retire is done"));
    }

    [Test]
    public async Task The_new_CA_waits_in_the_bundle_and_the_old_one_stays_until_it_ends()
    {
        await ReconcileAsync();
        var first = (await StateAsync()).Active;
        _time.Advance(TimeSpan.FromDays(50));
        await ReconcileAsync();
        var waiting = await StateAsync();
        Assert.That((waiting.Active.Subject, waiting.Next!.Subject), Is.EqualTo((first.Subject, waiting.Next.Subject)));
        Assert.That(Count(await BundleAsync()), Is.EqualTo(2));

        _time.Advance(TimeSpan.FromHours(23));
        await ReconcileAsync();
        Assert.That((await StateAsync()).Active.Subject, Is.EqualTo(first.Subject), "not trusted for a day yet");
        _time.Advance(TimeSpan.FromHours(2));
        await ReconcileAsync();
        var switched = await StateAsync();
        Assert.That((switched.Active.Subject, switched.Previous.Single().Subject), Is.EqualTo((waiting.Next.Subject, first.Subject)));

        _time.Advance(TimeSpan.FromDays(48));
        await ReconcileAsync();
        Assert.That(await BundleAsync(), Does.Contain(await TextAsync("previous.crt")), "a pod may still serve a certificate of it");
        _time.Advance(TimeSpan.FromDays(1));
        await ReconcileAsync();
        Assert.That((await StateAsync()).Previous, Is.Empty);
        Assert.That((await _cluster.Resource(CoreResources.Secrets).GetAsync(Name, default)).Data!.Keys, Has.None.StartsWith("previous"));
    }

    [Test]
    public async Task A_CA_that_is_renewed_often_is_trusted_to_its_end_and_neither_Secret_nor_bundle_grow_without_end()
    {
        var config = Config;
        _policies.Observe(Policy(config with { Root = config.Root! with { RenewAfterSeconds = 86400, TrustDelaySeconds = 3600 } }, "2"));
        var signed = new Dictionary<string, DateTimeOffset>();
        for (var half = 0; half < 800; half++)
        {
            await ReconcileAsync();
            var state = await StateAsync();
            signed.TryAdd(state.Active.Subject, state.Active.NotAfter);
            var trusted = state.Previous.Append(state.Active).Select(c => c.Subject).ToList();
            Assert.That(signed.Where(s => s.Value > _time.GetUtcNow()).Select(s => s.Key), Is.SubsetOf(trusted), $"after {half} half days");
            Assert.That(Count(await BundleAsync()), Is.InRange(trusted.Count, 9));
            Assert.That(state.Active.NotAfter - _time.GetUtcNow(), Is.GreaterThan(TimeSpan.FromDays(48)));
            _time.Advance(TimeSpan.FromHours(12));
        }
    }

    [Test]
    public async Task A_new_CA_that_the_bundle_has_lost_waits_anew()
    {
        await ReconcileAsync();
        var first = (await StateAsync()).Active.Subject;
        _time.Advance(TimeSpan.FromDays(50));
        await ReconcileAsync();
        _time.Advance(TimeSpan.FromHours(23));
        var maps = _cluster.Resource(CoreResources.ConfigMaps);
        await maps.DeleteAsync(Bundle, null, default);
        await ReconcileAsync();
        Assert.That(Count(await BundleAsync()), Is.EqualTo(2));
        Assert.That((await StateAsync()).TrustedSince, Is.EqualTo(_time.GetUtcNow()));
        _time.Advance(TimeSpan.FromHours(23));
        await ReconcileAsync();
        Assert.That((await StateAsync()).Active.Subject, Is.EqualTo(first));
        _time.Advance(TimeSpan.FromHours(1));
        await ReconcileAsync();
        Assert.That((await StateAsync()).Active.Subject, Is.Not.EqualTo(first));
    }

    [TestCase(null, "was not made by the operator")]
    [TestCase("other-ca", "holds the trust bundle of the CA in Secret other-ca")]
    public async Task A_ConfigMap_of_somebody_else_is_left_alone_and_no_CA_is_made_that_nobody_could_trust(string? owner, string said)
    {
        var map = new ConfigMap { Metadata = new ObjectMeta { Name = Bundle.Name, Namespace = Bundle.Namespace }, Data = new() { ["ca.crt"] = "theirs" } };
        if (owner is not null)
        {
            map.Metadata.Annotations = new() { [WellKnown.TrustBundleOf] = owner };
        }

        await _cluster.Resource(CoreResources.ConfigMaps).CreateAsync(map, default);
        await ReconcileAsync();
        Assert.That(_cluster.Writes, Has.Exactly(1).Items);
        Assert.That(_events.Notes.Single(), Does.StartWith("Warning TrustBundleOwnedByAnother Publish www: spec.providerConfig.privateCa.root.trustConfigMapName").And.Contain(said).And.Contain("Name another ConfigMap"));
        var credentials = new PrivateCaCredentials(new PrivateRootStore(_cluster, _time));
        Assert.That(async () => await credentials.CheckAsync("shop", Issuer(), default), Throws.TypeOf<CredentialException>().With.Message.Contains(said));
        Assert.That(async () => await credentials.ResolveAsync("shop", Issuer(), default), Throws.TypeOf<CredentialException>().With.Message.Contains(said));
    }

    [Test]
    public async Task A_CA_that_exists_goes_on_signing_where_its_ConfigMap_becomes_somebody_elses()
    {
        await ReconcileAsync();
        var maps = _cluster.Resource(CoreResources.ConfigMaps);
        var map = await maps.GetAsync(Bundle, default);
        map.Metadata.Annotations = null;
        map.Data = new() { ["ca.crt"] = "theirs" };
        await maps.UpdateAsync(map, default);
        await ReconcileAsync();
        Assert.That(await BundleAsync(), Is.EqualTo("theirs"));
        Assert.That(_events.Notes, Has.Exactly(1).Items);
        Assert.That(async () => await new PrivateCaCredentials(new PrivateRootStore(_cluster, _time)).ResolveAsync("shop", Issuer(), default), Throws.Nothing);
    }

    [Test]
    public void CAs_of_two_namespaces_are_two_though_their_Secrets_have_one_name()
    {
        var there = Policy();
        there.Metadata.Namespace = "other";
        Assert.That(Issuer().Server.AbsoluteUri, Is.EqualTo("private-ca://shop/ca"));
        Assert.That(PrivateCaIssuerResolver.Resolve(there, null, Assert.Fail)!.Server, Is.Not.EqualTo(Issuer().Server));
    }

    [Test]
    public async Task A_process_that_is_killed_before_any_write_loses_no_key_and_makes_no_second_CA()
    {
        for (var killed = 1; killed < 12; killed++)
        {
            StartOver();
            var writes = 0;
            var at = killed;
            _cluster.Before = request =>
            {
                if (!request.StartsWith("get", StringComparison.Ordinal) && ++writes == at)
                {
                    throw new KubernetesTransportException("killed", new IOException());
                }
            };
            for (var day = 0; day < 60; day++)
            {
                try
                {
                    await ReconcileAsync();
                }
                catch (KubernetesTransportException)
                {
                    await ReconcileAsync();
                }

                Assert.That(await BundleAsync(), Does.Contain(await TextAsync("tls.crt")));
                _time.Advance(TimeSpan.FromDays(1));
            }

            Assert.That(_log.Messages.Count(m => m.Contains("Activate is done", StringComparison.Ordinal)), Is.EqualTo(1), $"killed before write {killed}");
        }
    }

    [Test]
    public async Task A_Secret_that_a_person_made_is_never_touched()
    {
        await _cluster.Resource(CoreResources.Secrets).CreateAsync(new Secret { Metadata = new ObjectMeta { Name = "ca", Namespace = "shop" }, Data = new() { ["tls.key"] = [1] } }, default);
        await ReconcileAsync();
        Assert.That(_cluster.Writes, Has.Exactly(1).Items);
        Assert.That(_log.Messages.Single(), Does.Contain("the operator did not make"));
        var credentials = new PrivateCaCredentials(new PrivateRootStore(_cluster, _time));
        Assert.That(async () => await credentials.ResolveAsync("shop", Issuer(), default), Throws.TypeOf<CredentialException>().With.Message.Contains("holds nothing that the operator made"));
    }

    [Test]
    public async Task A_bundle_that_somebody_has_changed_is_mended_and_other_keys_stay()
    {
        await ReconcileAsync();
        var maps = _cluster.Resource(CoreResources.ConfigMaps);
        var map = await maps.GetAsync(Bundle, default);
        map.Data = new() { ["ca.crt"] = "gone", ["mine"] = "stays" };
        await maps.UpdateAsync(map, default);
        await ReconcileAsync();
        map = await maps.GetAsync(Bundle, default);
        Assert.That((map.Data!["ca.crt"], map.Data["mine"]), Is.EqualTo((await TextAsync("tls.crt"), "stays")));
    }

    [Test]
    public async Task A_run_that_comes_first_makes_the_CA_and_both_use_one()
    {
        var credentials = new PrivateCaCredentials(new PrivateRootStore(_cluster, _time));
        await credentials.CheckAsync("shop", Issuer(), default);
        Assert.That(_cluster.Writes, Is.Empty, "a look makes nothing");
        var issuer = (Providers.PrivateCa.PrivateCaIssuer)await credentials.ResolveAsync("shop", Issuer(), default);
        await ReconcileAsync();
        Assert.That(await BundleAsync(), Is.EqualTo(issuer.ChainPem));
        Assert.That(issuer.ToString(), Does.Not.Contain("PRIVATE"));
    }

    [TestCase(null, "spec.providerConfig.privateCa.secretName is missing")]
    [TestCase("www-tls", "is the one that the policy writes its certificate to")]
    [TestCase("Not A Name", "is no name for a Secret")]
    public void A_policy_that_names_no_usable_Secret_is_told(string? secret, string said)
    {
        var problems = new List<string>();
        Assert.That(PrivateCaIssuerResolver.Resolve(A.Policy(A.Spec with { ProviderConfig = new ProviderConfig { PrivateCa = new PrivateCaConfig { SecretName = secret } } }), null, problems.Add), Is.Null);
        Assert.That(problems.Single(), Does.Contain(said));
    }

    [TestCase(100, 100, null, "renewAfterSeconds: 100 is not less")]
    [TestCase(100, 50, 50, "trustDelaySeconds: 50 is not less than the 50 s")]
    public void Times_that_leave_no_overlap_are_refused(int duration, int renewAfter, int? delay, string said)
    {
        var problems = new List<string>();
        var root = new PrivateCaRootConfig { CommonName = "CA", DurationSeconds = duration, RenewAfterSeconds = renewAfter, TrustDelaySeconds = delay };
        PrivateCaIssuerResolver.Resolve(A.Policy(A.Spec with { ProviderConfig = new ProviderConfig { PrivateCa = new PrivateCaConfig { SecretName = "ca", Root = root } } }), null, problems.Add);
        Assert.That(problems, Has.Some.Contains(said));
    }

    private static CertificateRenewalPolicy Policy(PrivateCaConfig? config = null, string version = "1")
    {
        var policy = A.Policy(A.Spec with { Provider = CertificateProviderKind.PrivateCa, ProviderConfig = new ProviderConfig { PrivateCa = config ?? Config } });
        policy.Metadata.ResourceVersion = version;
        return policy;
    }

    private static PrivateCaConfig Config => new() { SecretName = "ca", Root = new PrivateCaRootConfig { CommonName = "Shop CA", DurationSeconds = 100 * 86400 } };

    private static ResolvedPrivateCaIssuer Issuer() => PrivateCaIssuerResolver.Resolve(A.Policy(A.Spec with { ProviderConfig = new ProviderConfig { PrivateCa = Config } }), null, Assert.Fail)!;

    private Task<ReconcileResult> ReconcileAsync() => new PrivateRootReconciler(new PrivateRootStore(_cluster, _time), _stores, _events, _time, _log).ReconcileAsync(Name, default);

    private async Task<PrivateRootState> StateAsync() => PrivateRootState.Read(await _cluster.Resource(CoreResources.Secrets).GetAsync(Name, default), _time.GetUtcNow());

    private async Task<string> TextAsync(string key) => Encoding.UTF8.GetString((await _cluster.Resource(CoreResources.Secrets).GetAsync(Name, default)).Data![key]);

    private async Task<string> BundleAsync() => (await _cluster.Resource(CoreResources.ConfigMaps).GetAsync(Bundle, default)).Data!["ca.crt"];

    private sealed class Events : IEventRecorder
    {
        public List<string> Notes { get; } = [];

        public void Record(IKubernetesObject regarding, EventType type, string reason, string action, string note, IKubernetesObject? related = null)
            => Notes.Add($"{type} {reason} {action} {regarding.Metadata.Name}: {note}");
    }

    private static int Count(string bundle)
    {
        using var parsed = CaBundle.Parse(bundle);
        return parsed.Certificates.Count;
    }
}
