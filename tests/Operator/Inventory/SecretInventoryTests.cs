using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Batches;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.Kubernetes;
using CertOperator.Operator.Inventory;
using CertOperator.Operator.Telemetry;
using CertOperator.Operator.Tests.Builders;
using CertOperator.Operator.Tests.Fakes;
using CertOperator.Providers.Pki;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using NUnit.Framework;

namespace CertOperator.Operator.Tests.Inventory;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SecretInventoryTests : IDisposable
{
    private readonly ManualTimeProvider _time = new(A.Now);
    private readonly TestAuthority _authority;
    private readonly InMemoryCluster _cluster = new();
    private readonly ObjectStore<CertificateRenewalPolicy> _policies = new();
    private readonly ResourceStores _stores;
    private readonly RecordingLogger<SecretInventory> _log = new();
    private readonly CancellationTokenSource _term = new();
    private SecretInventory _inventory = null!;
    private Task _running = Task.CompletedTask;

    public SecretInventoryTests()
    {
        _authority = TestAuthority.CreateRoot(_time);
        _stores = new ResourceStores(_policies, new ObjectStore<CertificateRenewalRun>(), new ObjectStore<CertificateRenewalSettings>(), new ObjectStore<CertificateRenewalBatch>());
    }

    private IResourceClient<Secret> Secrets => _cluster.Resource(CoreResources.Secrets);

    private IReadOnlyList<string> Reads => [.. _cluster.Requests.Where(r => r.StartsWith("get ", StringComparison.Ordinal))];

    public void Dispose()
    {
        _term.Cancel();
        _term.Dispose();
        _authority.Dispose();
    }

    [Test]
    public async Task What_no_policy_manages_is_known_by_its_dates_and_by_who_renews_it()
    {
        _policies.Observe(A.Policy(status: new PolicyStatus { NotAfter = A.Now.AddDays(60) }));
        await CreateAsync("www-tls");
        await CreateAsync("old-tls", days: 3);
        await CreateAsync("wiki-tls", annotations: new() { ["cert-manager.io/certificate-name"] = "wiki" });
        await CreateAsync("mail-tls", annotations: new() { [WellKnown.RenewedBy] = "the mail team", ["cert-manager.io/certificate-name"] = "mail" });
        await CreateAsync("junk", certificate: "junk");
        await CreateAsync("empty", certificate: "");
        await CreateAsync("opaque", type: "Opaque");

        await LookAsync();
        var report = _inventory.Report();

        Assert.Multiple(() =>
        {
            Assert.That(Rows(report), Is.EqualTo(new[]
            {
                $"empty nobody {PkiReasons.MissingData}",
                $"junk nobody {PkiReasons.NoCertificate}",
                "mail-tls other mail-tls.example.com 2027-02-20",
                "old-tls nobody old-tls.example.com 2026-11-25",
                "wiki-tls cert-manager wiki-tls.example.com 2027-02-20",
            }));
            Assert.That((report.Managed, report.LeftOut, report.Errors), Is.EqualTo((1, 0, 0L)));
            Assert.That(_cluster.Requests.Where(r => r.StartsWith("list ", StringComparison.Ordinal)), Is.EqualTo(new[] { "list metadata of secrets " }));
            Assert.That(Reads, Has.Count.EqualTo(5).And.None.Contains("www-tls").And.None.Contains("opaque"));
        });
    }

    [Test]
    public async Task A_Secret_is_read_again_when_it_has_changed_and_forgotten_when_it_is_gone()
    {
        await CreateAsync("a", days: 3);
        await CreateAsync("b", days: 3);
        await CreateAsync("c", days: 3);
        await LookAsync();
        await ReplaceAsync("b", days: 50);
        await Secrets.DeleteAsync(new NamespacedName("shop", "c"), null, CancellationToken.None);
        _cluster.Requests.Clear();

        await LookAgainAsync();

        Assert.That(Rows(_inventory.Report()), Is.EqualTo(new[] { "a nobody a.example.com 2026-11-25", "b nobody b.example.com 2027-01-11" }));
        Assert.That(_cluster.Requests, Is.EqualTo(new[] { "list metadata of secrets ", "get secrets shop/b" }));
    }

    [Test]
    public async Task Where_the_right_is_missing_it_says_so_once_and_what_is_known_stays()
    {
        await CreateAsync("a");
        await LookAsync();
        _cluster.Before = r => _ = r.StartsWith("list", StringComparison.Ordinal) ? throw new ForbiddenException("list secrets: no.") : 0;

        await UntilAsync(r => r.Errors == 3);

        Assert.That(Rows(_inventory.Report()), Has.Count.EqualTo(1));
        Assert.That(_log.Messages, Is.EqualTo(new[]
        {
            "Certificates that no policy manages are not looked for: list secrets: no. Grant the operator list on secrets there, as the chart does with inventory.enabled, or leave --inventory out.",
        }));

        _cluster.Before = null;
        var again = _time.GetUtcNow() + TimeSpan.FromMinutes(1.5);
        await LookAgainAsync();
        Assert.That(_time.GetUtcNow(), Is.LessThan(again), "it does not wait for the interval after a failure");
    }

    [Test]
    public async Task A_Secret_that_may_not_be_read_is_tried_with_every_look()
    {
        await CreateAsync("a");
        _cluster.Before = r => _ = r.StartsWith("get", StringComparison.Ordinal) ? throw new ForbiddenException("get secrets: no.") : 0;
        await LookAsync();
        var refused = Rows(_inventory.Report());
        _cluster.Before = null;

        await LookAgainAsync();

        Assert.That(refused, Is.EqualTo(new[] { "a nobody Forbidden" }));
        Assert.That(Rows(_inventory.Report()), Is.EqualTo(new[] { "a nobody a.example.com 2027-02-20" }));
    }

    [Test]
    public async Task One_namespace_that_cannot_be_seen_does_not_hide_another()
    {
        await CreateAsync("a", ns: "shop");
        await CreateAsync("b", ns: "web");
        _cluster.Before = r => _ = r == "list metadata of secrets shop" ? throw new ServerUnavailableException(System.Net.HttpStatusCode.ServiceUnavailable, "later") : 0;

        Start("shop", "web");
        await UntilAsync(r => r.Errors == 1 && r.Certificates.Count == 1);

        Assert.That(Rows(_inventory.Report()), Is.EqualTo(new[] { "b nobody b.example.com 2027-02-20" }));
        Assert.That(_inventory.Report().LastSuccess, Is.Null);
    }

    [Test]
    public async Task A_policy_that_tells_of_the_certificate_takes_it_over_at_once()
    {
        await CreateAsync("www-tls");
        await LookAsync();
        var before = Rows(_inventory.Report());

        _policies.Observe(A.Policy(status: new PolicyStatus { NotAfter = A.Now.AddDays(60) }));

        Assert.That((before.Count, Rows(_inventory.Report()).Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_replica_that_does_not_lead_any_more_tells_of_nothing()
    {
        await CreateAsync("a");
        await LookAsync();

        await _term.CancelAsync();
        await _running;

        Assert.That(_inventory.Report().Certificates, Is.Empty);
    }

    [Test]
    public async Task More_than_are_wanted_are_counted_and_not_read()
    {
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await CreateAsync(name);
        }

        var listing = await new SecretSurvey(_cluster, _stores).ListAsync("", 2, CancellationToken.None);

        Assert.That((listing.Unmanaged.Count, listing.LeftOut, listing.Managed), Is.EqualTo((2, 3, 0)));
    }

    private async Task LookAsync()
    {
        Start();
        await UntilAsync(r => r.LastSuccess is not null);
    }

    private Task LookAgainAsync()
    {
        var before = _inventory.Report().LastSuccess;
        return UntilAsync(r => r.LastSuccess != before);
    }

    private void Start(params IReadOnlyList<string> namespaces)
    {
        _inventory = new SecretInventory(new SecretSurvey(_cluster, _stores), namespaces, TimeSpan.FromMinutes(10), _time, new Random(1), _log);
        _running = _inventory.RunAsync(_term.Token);
    }

    /// <summary>Moves the clock from wait to wait.</summary>
    private async Task UntilAsync(Func<InventoryReport, bool> fits)
    {
        while (!fits(_inventory.Report()))
        {
            await _time.WaitForTimersAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static IReadOnlyList<string> Rows(InventoryReport report)
        => [.. report.Certificates.Select(c => $"{c.Secret.Name.Name} {c.Secret.RenewedBy} {c.Unreadable ?? $"{c.Hostname} {c.NotAfter:yyyy-MM-dd}"}").Order(StringComparer.Ordinal)];

    private async Task CreateAsync(string name, int days = 90, string? certificate = null, string type = WellKnown.TlsSecretType, Dictionary<string, string>? annotations = null, string ns = "shop")
        => await Secrets.CreateAsync(Build(name, days, certificate, type, annotations, ns), CancellationToken.None);

    private async Task ReplaceAsync(string name, int days)
        => await Secrets.UpdateAsync(Build(name, days, null, WellKnown.TlsSecretType, null, "shop"), CancellationToken.None);

    private Secret Build(string name, int days, string? certificate, string type, Dictionary<string, string>? annotations, string ns)
    {
        using var leaf = _authority.Issue(new LeafRequest($"{name}.example.com") { NotAfter = A.Now.AddDays(days) });
        return new Secret
        {
            Metadata = new ObjectMeta { Name = name, Namespace = ns, Annotations = annotations },
            Type = type,
            Data = new() { [WellKnown.TlsCertificateKey] = Encoding.ASCII.GetBytes(certificate ?? leaf.Pem), [WellKnown.TlsPrivateKeyKey] = Encoding.ASCII.GetBytes(leaf.KeyPem) },
        };
    }
}
