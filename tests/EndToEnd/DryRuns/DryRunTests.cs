using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Challenges;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.DryRuns;

/// <summary>Dry runs look at everything and leave nothing behind.</summary>
public sealed class DryRunTests : DnsTest
{
    private const string Record = $"_acme-challenge.{Zone}";

    protected override BindOptions DnsSettings => new()
    {
        Keys = [Key],
        Zones = [new BindZone(Zone) { UpdatedBy = KeyName, Records = ["www A 127.0.0.1", "closed CAA 0 issue \"other.example\"", "closed A 127.0.0.1"] }],
    };

    [Test]
    public async Task An_order_is_walked_at_the_staging_endpoint_up_to_the_issuance()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Suspended(Wildcard(new PolicyBuilder(Cluster), Zone)).WithAcme(a => a with { StagingServer = a.Server });
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await DryRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(Row(run, "Order"), Has.Property("Result").EqualTo(CheckResult.Passed));
        Assert.That(Row(run, "Challenge"), Has.Property("Result").EqualTo(CheckResult.Passed));
        Assert.That(Row(run, "TargetSecret").Evidence, Does.Contain("would create it"));
        Assert.That(run.Status.Steps!.Single(s => s.Name == StepName.Finalize).State, Is.EqualTo(StepState.Skipped));
        Assert.That(run.Status.Certificate, Is.Null);
        Assert.That((Cluster.Acme.OrdersPlaced, Cluster.Acme.OrdersFinalized), Is.EqualTo((1, 0)));
        CertificateRenewalPolicy after = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.LastDryRun?.Name == run.Metadata.Name, "to remember the dry run");
        Assert.That(after.Status!.LastFinishedRun, Is.Null, "it counts as no attempt to renew");
        await AssertUntouchedAsync();
    }

    [Test]
    public async Task Without_a_staging_endpoint_an_answer_is_put_in_place_and_taken_away_and_the_CA_gets_no_order()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Suspended(Wildcard(new PolicyBuilder(Cluster), Zone));
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await DryRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(Row(run, "Order"), Has.Property("Result").EqualTo(CheckResult.Skipped).And.Property("Evidence").Contains("Simulated"));
        Assert.That(Row(run, "Challenge"), Has.Property("Result").EqualTo(CheckResult.Passed).And.Property("Evidence").Contains(Record));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.Zero);
        await AssertUntouchedAsync();
    }

    [Test]
    public async Task A_host_that_leads_to_the_operator_is_told_from_one_that_leads_elsewhere()
    {
        await Cluster.StartOperatorAsync(new OperatorSettings { Flags = ["--dns-resolvers", Dns.EndPoint, "--http01-self-check-port", Cluster.Pebble.HttpPort.ToString(System.Globalization.CultureInfo.InvariantCulture)] });
        PolicyBuilder policy = Suspended(new PolicyBuilder(Cluster)).With(s => s with { Hostname = $"www.{Zone}", AdditionalNames = [$"nowhere.{Zone}"] });
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await DryRunAsync(policy);

        Assert.That(Row(run, "Challenge", $"www.{Zone}"), Has.Property("Result").EqualTo(CheckResult.Passed));
        Assert.That(Row(run, "Challenge", $"nowhere.{Zone}"), Has.Property("Result").EqualTo(CheckResult.Warning));
        Assert.That((Cluster.Acme.OrdersPlaced, await Cluster.AllSecretsAsync()), Is.EqualTo((0, Array.Empty<Secret>())));
    }

    [Test]
    public async Task Every_fault_is_in_the_report_and_none_of_them_is_an_incident()
    {
        await StartOperatorAsync();
        await Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = "www-tls", Namespace = Cluster.Namespace },
                Type = "Opaque",
                Data = new Dictionary<string, byte[]> { ["of"] = [1] },
            },
            CancellationToken.None);
        int nobody = FreePort.Next();
        PolicyBuilder policy = Suspended(new PolicyBuilder(Cluster)).With(s => s with
        {
            Hostname = $"closed.{Zone}",
            AdditionalNames = [$"nowhere.{Zone}"],
            Verify = new VerifySpec { Endpoints = [$"127.0.0.1:{nobody}"] },
            Deploy = new DeploySpec
            {
                Restarts = [new WorkloadRestartSpec { Kind = WorkloadKind.Deployment, Name = "missing" }],
                Webhooks = [.. new[] { "one", "other" }.Select(path => new DeployWebhookSpec { Url = $"http://127.0.0.1:{nobody}/{path}", SecretName = "no-such-secret" })],
            },
        });
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await DryRunAsync(policy);

        Assert.That((run.Status!.Phase, run.Status.Reason), Is.EqualTo((RunPhase.Failed, "ChecksFailed")));
        string[] failed = [.. run.Status.Report!.Where(r => r.Result == CheckResult.Failed).Select(r => r.Check).Distinct().Order(StringComparer.Ordinal)];
        Assert.That(failed, Is.SupersetOf(new[] { "Credentials", "DnsAddress", "TargetSecret", "Webhook", "Workload" }));
        Assert.That(Row(run, "DnsAddress", $"nowhere.{Zone}").Evidence, Does.Contain("no A or AAAA record"));
        Assert.That(Row(run, "Endpoint").Result, Is.EqualTo(CheckResult.Warning));
        Assert.That(Row(run, "Webhook", "127.0.0.1 (spec.deploy.webhooks[1])").Result, Is.EqualTo(CheckResult.Failed));
        Assert.That(run.Status.Steps!.Where(s => s.State == StepState.Failed).Select(s => s.Name), Does.Contain(StepName.Preflight).And.Contain(StepName.Deploy));
        CertificateRenewalPolicy after = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.LastDryRun is not null, "to remember the dry run");
        Assert.That((after.Status!.Incident, after.Status.ConsecutiveFailures ?? 0), Is.EqualTo(((IncidentStatus?)null, 0)));
    }

    [Test]
    public async Task With_dryRunDefault_nothing_is_issued_before_a_live_run_is_asked_for()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone).With(s => s with { DryRunDefault = true });
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy waiting = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Ready") is { Reason: "DryRunOnly" }, "to say that only a dry run was made");
        Assert.That(waiting.Condition("Ready")!.Message, Does.Contain("spec.dryRunDefault").And.Contain(waiting.Status!.LastDryRun!.Name));
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
        await AssertUntouchedAsync();

        await Cluster.ChangeAsync(policy.Name, p => p.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewMode] = "live", [WellKnown.RenewRequestedAt] = "1" });
        CertificateRenewalPolicy wrong = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to refuse a mode that there is not");
        Assert.That(wrong.Condition("Stalled")!.Message, Does.Contain(WellKnown.RenewMode).And.Contain("'live'"));

        await Cluster.ChangeAsync(policy.Name, p => p.Metadata.Annotations![WellKnown.RenewMode] = "Live");
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(Cluster.Acme.OrdersFinalized, Is.EqualTo(1));
    }

    [Test]
    public async Task With_dryRunDefault_a_Secret_that_may_not_be_written_is_in_one_report_with_the_rest_and_the_policy_stays_stalled()
    {
        await StartOperatorAsync();
        await Cluster.Secrets.CreateAsync(
            new Secret { Metadata = new ObjectMeta { Name = "www-tls", Namespace = Cluster.Namespace }, Type = "Opaque", Data = new Dictionary<string, byte[]> { ["of"] = [1] } },
            CancellationToken.None);
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { Hostname = $"nowhere.{Zone}", DryRunDefault = true });
        await Cluster.CreateAsync(policy);

        CertificateRenewalPolicy first = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled") && p.Status?.LastDryRun is not null, "to be stalled after a dry run");
        CertificateRenewalRun run = (await Cluster.RunsOfAsync(policy.Name)).Single();
        Assert.That(first.Condition("Stalled")!.Reason, Is.EqualTo("SecretWrongType"));
        Assert.That((Row(run, "TargetSecret").Result, Row(run, "DnsAddress").Result), Is.EqualTo((CheckResult.Failed, CheckResult.Failed)));

        await RequestAsync(policy);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled") && p.Status?.LastDryRun?.Name != run.Metadata.Name, "to be stalled after the dry run that was asked for");
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(2), "the one that was asked for is as good");
    }

    [Test]
    public async Task A_dry_run_that_was_killed_goes_on_and_leaves_nothing()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        OperatorUnderTest first = await StartOperatorAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Challenge && asked.TrySetResult())
            {
                await first.KillAsync();
            }

            return null;
        };
        PolicyBuilder policy = Suspended(Wildcard(new PolicyBuilder(Cluster), Zone)).WithAcme(a => a with { StagingServer = a.Server });
        await Cluster.CreateAsync(policy);
        await RequestAsync(policy);
        await asked.Task;

        await StartOperatorAsync();

        CertificateRenewalRun run = await OnlyRunAsync(policy);
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(Cluster.Acme.OrdersFinalized, Is.Zero);
        await AssertUntouchedAsync();
    }

    private static PolicyBuilder Suspended(PolicyBuilder policy) => policy.With(s => s with { Suspend = true });

    private static RunCheck Row(CertificateRenewalRun run, string check, string? subject = null)
        => run.Status!.Report!.Single(r => r.Check == check && (subject is null || r.Subject == subject));

    private async Task<CertificateRenewalRun> DryRunAsync(PolicyBuilder policy)
    {
        await RequestAsync(policy);
        return await OnlyRunAsync(policy);
    }

    private Task RequestAsync(PolicyBuilder policy)
        => Cluster.ChangeAsync(policy.Name, p => p.Metadata.Annotations = new Dictionary<string, string> { [WellKnown.RenewMode] = "DryRun", [WellKnown.RenewRequestedAt] = "now" });

    private async Task AssertUntouchedAsync()
    {
        Assert.That((await Cluster.AllSecretsAsync()).Select(s => s.Metadata.Name), Is.EqualTo(new[] { SecretName }), "no Secret but that of the solver");
        await AssertNothingLeftAsync(Record);
    }
}
