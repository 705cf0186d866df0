using System.Net;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges;

/// <summary>A zone with two name servers, of which the second has a copy that it does not refresh by itself.</summary>
public sealed class LaggingServerTests : DnsTest
{
    private Bind? _secondary;
    private UdpRelay? _relay;

    protected override BindOptions DnsSettings => new()
    {
        Keys = [Key],
        Zones = [new BindZone(Zone) { UpdatedBy = KeyName, Records = ["@ NS ns2", "ns2 A 127.0.0.2"] }],
    };

    [SetUp]
    public async Task StartSecondaryAsync()
    {
        _secondary = await Bind.StartAsync(new BindOptions { Zones = [new BindZone(Zone) { PrimaryPort = Dns.Port }] });
        _relay = UdpRelay.Start(new IPEndPoint(IPAddress.Parse("127.0.0.2"), Dns.Port), new IPEndPoint(IPAddress.Loopback, _secondary.Port));
    }

    [TearDown]
    public async Task StopSecondaryAsync()
    {
        if (_relay is not null)
        {
            await _relay.DisposeAsync();
        }

        if (_secondary is not null)
        {
            await _secondary.DisposeAsync();
        }
    }

    [Test]
    public async Task The_CA_is_not_asked_before_the_last_server_has_the_record()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        await WaitForMessageAsync(policy, $"ns2.{Zone}");
        Assert.That(ChallengesAnswered, Is.Zero);
        Assert.That(await Dns.TxtAsync($"_acme-challenge.{Zone}"), Has.Count.EqualTo(2));

        await _secondary!.ControlAsync("refresh", Zone);

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        await AssertNothingLeftAsync($"_acme-challenge.{Zone}");
    }

    [Test]
    public async Task A_server_that_never_has_the_record_ends_the_run_and_the_record_goes()
    {
        await CreateSecretAsync();
        await CreateSolverAsync(d => d with { PropagationTimeoutSeconds = 1 });
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed));
        Assert.That(run.Status.Reason, Is.EqualTo("NotPropagated"));
        Assert.That(run.Status.Message, Does.Contain($"ns2.{Zone} (127.0.0.2:"));
        Assert.That(ChallengesAnswered, Is.Zero);
        await AssertNothingLeftAsync($"_acme-challenge.{Zone}");
    }

    [Test]
    public async Task A_server_that_is_down_is_waited_for()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StopSecondaryAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        await WaitForMessageAsync(policy, $"ns2.{Zone}");

        await StartSecondaryAsync();

        await Cluster.WaitUntilReadyAsync(policy.Name);
    }

    private Task WaitForMessageAsync(PolicyBuilder policy, string text) =>
        Eventually.GetAsync(
            async _ => (await Cluster.RunsOfAsync(policy.Name)).SingleOrDefault()?.Status?.Message,
            message => message?.Contains(text, StringComparison.Ordinal) == true,
            Deadlines.Run,
            $"the run to speak of {text}");
}
