using System.Globalization;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.Crds.Settings;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges;

/// <summary>For tests of dns-01: a BIND of the test's own, and a Pebble that asks it.</summary>
public abstract class DnsTest : ClusterTest
{
    protected const string Zone = "shop.test";
    protected const string KeyName = "renewals";
    protected const string SecretName = "tsig";

    private Pebble? _pebble;
    private Bind? _dns;

    protected static BindKey Key { get; } = new(KeyName, "hmac-sha256", "c2hhcmVkIGJldHdlZW4gdHdvIGFuZCBub2JvZHkgZWxzZQ==");

    protected Bind Dns => _dns ?? throw new InvalidOperationException("The test has not started yet.");

    protected virtual BindOptions DnsSettings => new() { Keys = [Key], Zones = [new BindZone(Zone) { UpdatedBy = KeyName }] };

    protected static PolicyBuilder Wildcard(PolicyBuilder policy, string domain) =>
        policy.With(s => s with { Hostname = $"*.{domain}", AdditionalNames = [domain], Challenge = ChallengeKind.Dns01 });

    [TearDown]
    public async Task StopDnsAsync()
    {
        if (_pebble is not null)
        {
            await _pebble.DisposeAsync();
        }

        if (_dns is not null)
        {
            await TestContext.Out.WriteLineAsync(string.Join('\n', _dns.Log.TakeLast(40)));
            await _dns.DisposeAsync();
        }
    }

    protected override async Task<TestCluster> CreateClusterAsync()
    {
        _dns = await Bind.StartAsync(DnsSettings);
        _pebble = await Pebble.StartAsync(new PebbleOptions { DnsServer = _dns.EndPoint });
        return await TestCluster.StartAsync(pebble: _pebble);
    }

    protected Task<OperatorUnderTest> StartOperatorAsync() =>
        Cluster.StartOperatorAsync(new OperatorSettings
        {
            Flags = ["--dns-resolvers", Dns.EndPoint, "--dns-authoritative-port", Dns.Port.ToString(CultureInfo.InvariantCulture)],
        });

    protected Task CreateSecretAsync(string? value = null) =>
        Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = SecretName, Namespace = Cluster.Namespace },
                Data = new Dictionary<string, byte[]> { ["secret"] = System.Text.Encoding.ASCII.GetBytes(value ?? Key.Secret) },
            },
            CancellationToken.None);

    protected Task CreateSolverAsync(Func<Dns01Spec, Dns01Spec>? change = null, Func<Rfc2136Spec, Rfc2136Spec>? server = null)
    {
        var rfc2136 = new Rfc2136Spec { Server = Dns.EndPoint, TsigKeyName = KeyName, TsigSecretName = SecretName };
        var dns01 = new Dns01Spec { Rfc2136 = server is null ? rfc2136 : server(rfc2136) };
        return Cluster.Settings.CreateAsync(
            new CertificateRenewalSettings
            {
                Metadata = new ObjectMeta { Name = CertificateRenewalSettings.DefaultName, Namespace = Cluster.Namespace },
                Spec = new SettingsSpec { Solvers = [new SolverSpec { Name = "bind", Dns01 = change is null ? dns01 : change(dns01) }] },
            },
            CancellationToken.None);
    }

    protected async Task<CertificateRenewalRun> OnlyRunAsync(PolicyBuilder policy)
    {
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name);
        Assert.That(runs, Has.Count.EqualTo(1));
        return runs[0];
    }

    /// <summary>No record is left, and nothing keeps the runs.</summary>
    protected async Task AssertNothingLeftAsync(string record)
    {
        await Eventually.GetAsync(
            async _ => string.Join(',', await FinalizersAsync()),
            left => left.Length == 0,
            Deadlines.Api,
            "the runs to be let go");
        Assert.That(await Dns.TxtAsync(record), Is.Empty);
    }

    protected static IEnumerable<PresentedAnswer> PresentedBy(CertificateRenewalRun run) =>
        (run.Status?.Order?.Challenges ?? []).Select(c => c.Presented).OfType<PresentedAnswer>();

    protected int ChallengesAnswered => Cluster.Acme.Count(AcmeRequestKind.Challenge);

    private async Task<IEnumerable<string>> FinalizersAsync()
    {
        List<string> found = [];
        await foreach (CertificateRenewalRun run in Cluster.Runs.ListAsync(new ListOptions { Namespace = Cluster.Namespace }, CancellationToken.None))
        {
            found.AddRange(run.Metadata.Finalizers ?? []);
        }

        return found;
    }
}
