using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges;

/// <summary>However a run ends, and whatever is killed or deleted under it: its records go, or a person is told which ones stay.</summary>
public sealed class LeftoverRecordTests : DnsTest
{
    private const string Record = $"_acme-challenge.{Zone}";

    private static KillPoint BeforeAnswer => KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge);

    private static IEnumerable<TestCaseData> KillPoints() => new[]
    {
        KillPoint.Before("it is noted what is presented", IsNoted),
        KillPoint.After("it is noted what is presented", IsNoted),
        KillPoint.After("the run is held", r => r is { Verb: "patch", Resource: "certificaterenewalruns" } && r.Http.BodyText.Contains("finalizers", StringComparison.Ordinal)),
        BeforeAnswer,
        KillPoint.After("the challenge is answered", AcmeRequestKind.Challenge),
        KillPoint.Before("the run's end is noted", r => r.Resource == "certificaterenewalruns/status" && r.Http.BodyText.Contains("\"Succeeded\"", StringComparison.Ordinal)),
        KillPoint.After("the run's end is noted", r => r.Resource == "certificaterenewalruns/status" && r.Http.BodyText.Contains("\"Succeeded\"", StringComparison.Ordinal)),
    }.Select(p => new TestCaseData(p).SetArgDisplayNames(p.Name));

    [SetUp]
    public async Task CreateSettingsAsync()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
    }

    [TestCaseSource(nameof(KillPoints))]
    public async Task A_run_that_was_killed_ends_well_and_leaves_no_record(KillPoint point)
    {
        OperatorUnderTest victim = await StartOperatorAsync();
        Task killed = point.KillAt(Cluster, victim);
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);

        await StartOperatorAsync();

        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That((await OnlyRunAsync(policy)).Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        await AssertNothingLeftAsync(Record);
    }

    [Test]
    public async Task A_policy_deleted_in_mid_run_leaves_no_record()
    {
        OperatorUnderTest op = await StartOperatorAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = BeforeAnswer.HoldAt(Cluster, release.Task);
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(held);
        Assert.That(await Dns.TxtAsync(Record), Has.Count.EqualTo(2));

        await Cluster.Policies.DeleteAsync(Cluster.Name(policy.Name), null, CancellationToken.None);
        await Eventually.TrueAsync(
            async _ => !(await op.MetricsAsync()).Contains($"policy=\"{policy.Name}\"", StringComparison.Ordinal),
            Deadlines.Api,
            "the operator to hear of the deletion");
        release.SetResult();

        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), runs => runs.Count == 0, Deadlines.Run, "the run to go");
        await AssertNothingLeftAsync(Record);
    }

    [Test]
    public async Task A_run_deleted_while_no_operator_was_there_waits_until_its_record_is_gone()
    {
        OperatorUnderTest victim = await StartOperatorAsync();
        Task killed = BeforeAnswer.KillAt(Cluster, victim);
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(killed);
        CertificateRenewalRun run = (await Cluster.RunsOfAsync(policy.Name)).Single();
        Assert.That(PresentedBy(run).Select(p => p.Name), Is.EqualTo(new[] { Record, Record }));

        // As the garbage collector does it, a policy goes together with its runs.
        await Cluster.Policies.DeleteAsync(Cluster.Name(policy.Name), null, CancellationToken.None);
        await Cluster.Runs.DeleteAsync(Cluster.Name(run.Metadata.Name), null, CancellationToken.None);
        Assert.That(await Cluster.Runs.FindAsync(Cluster.Name(run.Metadata.Name), CancellationToken.None), Is.Not.Null);
        await StartOperatorAsync();

        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), runs => runs.Count == 0, Deadlines.Run, "the run to go");
        await AssertNothingLeftAsync(Record);
    }

    [Test]
    public async Task A_run_that_a_person_deletes_takes_its_record_with_it_and_another_follows()
    {
        await StartOperatorAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = BeforeAnswer.HoldAt(Cluster, release.Task);
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(held);
        CertificateRenewalRun run = (await Cluster.RunsOfAsync(policy.Name)).Single();

        await Cluster.Runs.DeleteAsync(Cluster.Name(run.Metadata.Name), null, CancellationToken.None);
        release.SetResult();

        await Eventually.TrueAsync(async ct => await Cluster.Runs.FindAsync(Cluster.Name(run.Metadata.Name), ct) is null, Deadlines.Run, "the run to go");
        await Cluster.WaitUntilReadyAsync(policy.Name);
        await AssertNothingLeftAsync(Record);
    }

    [Test]
    public async Task A_record_that_cannot_be_removed_is_named_and_the_certificate_is_stored_all_the_same()
    {
        await StartOperatorAsync();
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Finalize)
            {
                await Dns.ControlAsync("freeze", Zone);
            }

            return null;
        };
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        IReadOnlyList<string> left = await Dns.TxtAsync(Record);
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.NeedsManual));
        Assert.That(run.Status.Reason, Is.EqualTo("ChallengeNotRemoved"));
        Assert.That(left, Has.Count.EqualTo(2));
        Assert.That(run.Status.Message, Does.Contain(Record).And.Contain(left[0]).And.Contain(left[1]).And.Contain("by hand"));
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Not.Null);
        Assert.That(run.Metadata.Finalizers ?? [], Is.Empty.Or.EqualTo(new[] { "certoperator.io/presented" }), "it is let go a moment later");
    }

    [Test]
    public async Task A_run_that_the_CA_fails_leaves_no_record()
    {
        await StartOperatorAsync();
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Challenge)
            {
                // What the CA is about to look at is not what the operator has written any more.
                await ToolProcess.RunAsync(
                    "nsupdate",
                    ["-y", $"hmac-sha256:{KeyName}:{Key.Secret}"],
                    new ToolOptions { Input = $"server 127.0.0.1 {Dns.Port}\nzone {Zone}\nupdate delete {Record} TXT\nupdate add {Record} 60 TXT \"foreign\"\nsend\n" });
            }

            return null;
        };
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed));
        Assert.That(run.Status.Reason, Is.EqualTo("ChallengeFailed"));
        Assert.That(run.Status.Message, Does.Contain(Record));
        Assert.That(await Dns.TxtAsync(Record), Is.EqualTo(new[] { "foreign" }));
    }

    private static bool IsNoted(ApiRequest request) =>
        request.Resource == "certificaterenewalruns/status" && request.Http.BodyText.Contains("\"presented\"", StringComparison.Ordinal);
}
