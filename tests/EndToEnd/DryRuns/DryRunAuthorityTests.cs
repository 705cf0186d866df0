using System.Globalization;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.DryRuns;

/// <summary>What a dry run says of the CA and of the account there is so when it says it.</summary>
public sealed class DryRunAuthorityTests : ClusterTest
{
    private const string RightKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    private const string WrongKey = "AWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    private Pebble? _pebble;
    private Pebble? _bound;

    [TearDown]
    public async Task StopAuthoritiesAsync()
    {
        foreach (Pebble? pebble in new[] { _pebble, _bound })
        {
            if (pebble is not null)
            {
                await pebble.DisposeAsync();
            }
        }
    }

    [Test]
    public async Task A_CA_that_is_down_or_has_lost_the_account_is_told_though_earlier_runs_knew_it()
    {
        await StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        int directories = Cluster.Acme.Count(AcmeRequestKind.Directory);

        Cluster.Acme.Hooks.Before = _ => Task.FromResult<ProxiedAnswer?>(ProxiedAnswer.Problem(503, "serverInternal", "Down."));
        CertificateRenewalRun down = await DryRunAsync(policy.Name, "down");
        Cluster.Acme.Hooks.Clear();
        CertificateRenewalRun up = await DryRunAsync(policy.Name, "up");
        await Cluster.Pebble.RestartAsync();
        CertificateRenewalRun forgotten = await DryRunAsync(policy.Name, "forgotten");

        Assert.That(Row(down, "Authority"), Has.Property("Result").EqualTo(CheckResult.Failed).And.Property("Evidence").Contains("serverInternal: Down."));
        Assert.That(Row(down, "Account").Result, Is.EqualTo(CheckResult.Failed));
        Assert.That((Row(up, "Authority").Result, Row(up, "Account").Result), Is.EqualTo((CheckResult.Passed, CheckResult.Passed)));
        Assert.That(Row(forgotten, "Authority").Result, Is.EqualTo(CheckResult.Passed));
        Assert.That(Row(forgotten, "Account"), Has.Property("Result").EqualTo(CheckResult.Warning).And.Property("Evidence").Contains("does not know the account"));
        Assert.That(Cluster.Acme.Count(AcmeRequestKind.NewAccount, 201), Is.EqualTo(1), "a dry run registers none");
        int asked = Cluster.Acme.Count(AcmeRequestKind.Directory);

        await Cluster.ChangeAsync(policy.Name, p => p.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewRequestedAt] = "live" });
        CertificateRenewalRun live = await RunAsync(policy.Name, "live");
        Assert.That(live.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), live.Status.Message);
        Assert.That((directories, asked, Cluster.Acme.Count(AcmeRequestKind.Directory)), Is.EqualTo((1, 3, 3)), "live runs do with what is known of the CA");
        Assert.That(Cluster.Acme.Count(AcmeRequestKind.NewAccount, 201), Is.EqualTo(2));
    }

    [Test]
    public async Task A_key_that_the_CA_refuses_leaves_no_account_and_the_advice_names_the_block_that_was_asked()
    {
        Pebble bound = _bound = await Pebble.StartAsync(new PebbleOptions { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = RightKey }, DnsServer = Cluster.Pebble.DnsServer });
        await using AcmeProxy acme = await AcmeProxy.StartAsync(bound);
        await CreateSecretAsync("right", RightKey);
        await CreateSecretAsync("wrong", WrongKey);
        await CreateSecretAsync("garbage", "this is +not+ base64url!");
        await StartOperatorAsync();
        await CreateAsync("wrong", acme, "wrong");
        await CreateAsync("garbage", acme, "garbage");
        await CreateAsync("unbound", acme, null);
        await CreateAsync("right", acme, "right");

        CertificateRenewalRun wrong = await DryRunAsync("wrong", "1");
        CertificateRenewalRun garbage = await DryRunAsync("garbage", "1");
        CertificateRenewalRun unbound = await DryRunAsync("unbound", "1");
        Assert.That(Row(wrong, "Account"), Has.Property("Result").EqualTo(CheckResult.Failed).And.Property("Evidence").Contains("unauthorized"));
        Assert.That(Row(garbage, "Credentials"), Has.Property("Result").EqualTo(CheckResult.Failed).And.Property("Evidence").StartsWith("spec.providerConfig.letsencrypt.externalAccountBinding.secretName: key hmacKey of Secret garbage cannot be used."));
        Assert.That(Row(unbound, "Account"), Has.Property("Result").EqualTo(CheckResult.Failed).And.Property("Evidence").Contains("Set spec.providerConfig.letsencrypt.externalAccountBinding"));
        Assert.That((await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name), Is.EquivalentTo(new[] { "right", "wrong", "garbage" }));

        CertificateRenewalRun right = await DryRunAsync("right", "1");
        Assert.That(Row(right, "Account"), Has.Property("Result").EqualTo(CheckResult.Passed).And.Property("Evidence").Contains("registered just now"));
        Assert.That(await Cluster.AllSecretsAsync(), Has.Count.EqualTo(4), "an account that was registered is kept");
        foreach (CertificateRenewalRun run in new[] { wrong, right })
        {
            Assert.That(Row(run, "Order"), Has.Property("Result").EqualTo(CheckResult.Skipped).And.Property("Evidence").StartsWith("Simulated: staging endpoint"));
            Assert.That(Row(run, "Challenge").Result, Is.EqualTo(CheckResult.Passed));
        }
    }

    [Test]
    public async Task A_staging_endpoint_that_has_lost_the_account_of_an_earlier_dry_run_gets_another()
    {
        await StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { Suspend = true }).WithAcme(a => a with { StagingServer = a.Server });
        await Cluster.CreateAsync(policy);
        await DryRunAsync(policy.Name, "1");
        await Cluster.Pebble.RestartAsync();

        CertificateRenewalRun run = await DryRunAsync(policy.Name, "2");

        Assert.That(Row(run, "Order"), Has.Property("Result").EqualTo(CheckResult.Passed), Row(run, "Order").Evidence);
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
    }

    [Test]
    public async Task A_further_provider_is_asked_too_and_what_is_amiss_there_fails_nothing()
    {
        await StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with
        {
            Suspend = true,
            AllowedProviders = [CertificateProviderKind.LetsEncrypt],
            ProviderConfig = s.ProviderConfig! with { Letsencrypt = new AcmeConfig { Server = $"https://127.0.0.1:{FreePort.Next()}/dir" } },
        });
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await DryRunAsync(policy.Name, "1");

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(Row(run, "Authority", "127.0.0.1").Result, Is.EqualTo(CheckResult.Passed));
        Assert.That(Row(run, "Authority", "127.0.0.1 (provider letsencrypt)").Result, Is.EqualTo(CheckResult.Warning));
        Assert.That(Row(run, "Account", "127.0.0.1 (provider letsencrypt)").Result, Is.EqualTo(CheckResult.Skipped));
    }

    protected override async Task<TestCluster> CreateClusterAsync() => await TestCluster.StartAsync(pebble: _pebble = await Pebble.StartAsync());

    private static RunCheck Row(CertificateRenewalRun run, string check, string? subject = null)
        => run.Status!.Report!.Single(r => r.Check == check && (subject is null || r.Subject == subject));

    private Task StartOperatorAsync() => Cluster.StartOperatorAsync(new OperatorSettings
    {
        Flags = ["--dns-resolvers", Cluster.Pebble.DnsServer, "--http01-self-check-port", Cluster.Pebble.HttpPort.ToString(CultureInfo.InvariantCulture)],
    });

    private Task CreateAsync(string name, AcmeProxy acme, string? secret) => Cluster.CreateAsync(new PolicyBuilder(Cluster, name).With(s => s with
    {
        Suspend = true,
        Provider = CertificateProviderKind.LetsEncrypt,
        ProviderConfig = new ProviderConfig
        {
            Letsencrypt = new AcmeConfig
            {
                Server = acme.DirectoryUrl.AbsoluteUri,
                StagingServer = acme.DirectoryUrl.AbsoluteUri,
                CaBundle = acme.CaPem,
                AccountSecretName = $"account-{name}",
                ExternalAccountBinding = secret is null ? null : new ExternalAccountBindingConfig { KeyId = "kid-1", SecretName = secret },
            },
        },
    }));

    private Task CreateSecretAsync(string name, string value) => Cluster.Secrets.CreateAsync(
        new Secret
        {
            Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace },
            Data = new Dictionary<string, byte[]> { ["hmacKey"] = Encoding.ASCII.GetBytes(value) },
        },
        CancellationToken.None);

    private async Task<CertificateRenewalRun> DryRunAsync(string policy, string request)
    {
        await Cluster.ChangeAsync(policy, p => p.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewMode] = "DryRun", [WellKnown.RenewRequestedAt] = request });
        return await RunAsync(policy, request);
    }

    private async Task<CertificateRenewalRun> RunAsync(string policy, string request) => (await Eventually.GetAsync(
        async _ => (await Cluster.RunsOfAsync(policy)).FirstOrDefault(r => r.Metadata.Annotations?.GetValueOrDefault(WellKnown.RenewRequestedAt) == request),
        r => r?.Status is { FinishedAt: not null },
        Deadlines.Run,
        $"run {request} of policy {policy} to end"))!;
}
