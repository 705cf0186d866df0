using System.Security.Cryptography;
using System.Text;
using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.Operator.Runs;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Life;

/// <summary>A person provides the pair that a run could not obtain.</summary>
public sealed class ResolveTests : ClusterTest
{
    private readonly TestAuthority _authority = TestAuthority.CreateRoot(TimeProvider.System);

    [TearDown]
    public void DisposeAuthority() => _authority.Dispose();

    [TestCase(false, TestName = "A_pair_for_the_very_names_is_taken_over")]
    [TestCase(true, TestName = "A_wildcard_with_an_RSA_key_is_taken_over_and_not_renewed_at_once")]
    public async Task A_provided_pair_is_taken_over(bool wildcard)
    {
        PolicyBuilder policy = await FailedPolicyAsync();
        CertificateRenewalRun failed = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        using var rsa = RSA.Create(2048);
        using IssuedLeaf leaf = _authority.Issue(wildcard ? new LeafRequest("*" + policy.Hostname[policy.Hostname.IndexOf('.', StringComparison.Ordinal)..], "other.example.net") { Key = rsa } : new LeafRequest(policy.Hostname));
        await ProvideAsync("uploaded", leaf.ChainPem, leaf.KeyPem);

        await Cluster.AnnotateRunAsync(failed, WellKnown.ResolveWithSecret, "uploaded", "bob@example.com");
        CertificateRenewalRun run = await WaitForAsync(failed, r => r.Status?.Phase == RunPhase.Succeeded, "to succeed");
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);

        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Assert.That(Encoding.ASCII.GetString(secret.Data!["tls.crt"]), Does.StartWith(leaf.Pem));
        Assert.That(secret.Metadata.Annotations![WellKnown.SecretTakenOverFrom], Is.EqualTo("uploaded"));
        Assert.That(run.Status!.Resolution!.RequestedBy, Is.EqualTo("bob@example.com"));
        Assert.That(run.Status.Steps!.Select(s => s.State), Has.None.EqualTo(StepState.Failed));
        Assert.That(ready.Status!.ConsecutiveFailures, Is.Zero);
        Assert.That(ready.Status.RecentIssuances, Is.Null.Or.Empty, "no CA has issued it");
        Assert.That(Cluster.Acme.OrdersPlaced, Is.Zero);
    }

    [Test]
    public async Task A_pair_that_does_not_fit_is_refused_and_changes_nothing()
    {
        PolicyBuilder policy = await FailedPolicyAsync();
        CertificateRenewalRun failed = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        using IssuedLeaf good = _authority.Issue(new LeafRequest(policy.Hostname));
        using IssuedLeaf foreign = _authority.Issue(new LeafRequest("elsewhere.example.com"));
        using IssuedLeaf expired = _authority.Issue(new LeafRequest(policy.Hostname) { NotBefore = DateTimeOffset.UnixEpoch, NotAfter = DateTimeOffset.UnixEpoch.AddDays(90) });
        await ProvideAsync("other-key", good.ChainPem, foreign.KeyPem);
        await ProvideAsync("other-name", foreign.ChainPem, foreign.KeyPem);
        await ProvideAsync("expired", expired.ChainPem, expired.KeyPem);
        await ProvideAsync("garbage", "no certificate", "no key");

        foreach ((string secret, string why) in new[] { ("absent", "does not exist"), ("other-key", "is not the key of"), ("other-name", "is not valid for"), ("expired", "expired"), ("garbage", "holds no usable key pair") })
        {
            await Cluster.AnnotateRunAsync(failed, WellKnown.ResolveWithSecret, secret);
            CertificateRenewalRun run = await WaitForAsync(failed, r => r.Status?.Handled?.ResolveWithSecret == secret, "to be refused");
            Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed), secret);
            Assert.That(run.Status.Log![^1].Message, Does.Contain(why), secret);
        }

        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Null);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Phase == PolicyPhase.Failed, "to stay failed");
    }

    [Test]
    public async Task A_run_in_progress_takes_the_pair_without_waiting_for_the_CA()
    {
        var policy = new PolicyBuilder(Cluster);
        Cluster.Acme.Hooks.Before = request => Task.FromResult<ProxiedAnswer?>(request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Dropped : null);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun running = (await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), IsTryingAgain, Deadlines.Run, "a run that tries again"))[0];
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest(policy.Hostname));
        await ProvideAsync("uploaded", leaf.ChainPem, leaf.KeyPem);

        await Cluster.AnnotateRunAsync(running, WellKnown.ResolveWithSecret, "uploaded");
        CertificateRenewalRun run = await WaitForAsync(running, r => RunStateMachine.IsFinal(r.Status?.Phase), "to end");

        Assert.That((run.Status!.Phase, run.Status.Resolution?.SecretName), Is.EqualTo((RunPhase.Succeeded, "uploaded")));
        await AssertInUseAsync(policy, leaf);
        await WaitForEventAsync(run.Metadata.Name, "Resolved");
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.Zero);
    }

    [Test]
    public async Task A_request_waits_while_a_newer_run_is_in_progress_and_is_taken_up_by_itself()
    {
        PolicyBuilder policy = await FailedPolicyAsync();
        CertificateRenewalRun failed = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.NewOrder)
            {
                await held.Task;
                return ProxiedAnswer.Problem(403, "malformed", "Not today.");
            }

            return null;
        };
        await Cluster.RequestRenewalAsync(policy.Name, "again");
        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), runs => runs.Count == 2 && runs[1].Status?.Phase == RunPhase.Running, Deadlines.Run, "a second run at work");
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest(policy.Hostname));
        await ProvideAsync("uploaded", leaf.ChainPem, leaf.KeyPem);

        await Cluster.AnnotateRunAsync(failed, WellKnown.ResolveWithSecret, "uploaded");
        await WaitForEventAsync(failed.Metadata.Name, "ResolutionWaits");
        Assert.That((await Cluster.Runs.GetAsync(NamespacedName.Of(failed), CancellationToken.None)).Status!.Handled, Is.Null, "the request is not used up");
        held.SetResult();

        await WaitForAsync(failed, r => r.Status?.Phase == RunPhase.Succeeded, "to take the pair");
        await AssertInUseAsync(policy, leaf);
    }

    [Test]
    public async Task The_same_name_asks_anew_after_the_annotation_was_removed()
    {
        PolicyBuilder policy = await FailedPolicyAsync();
        CertificateRenewalRun failed = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        await Cluster.AnnotateRunAsync(failed, WellKnown.ResolveWithSecret, "uploaded");
        await WaitForAsync(failed, r => r.Status?.Handled?.ResolveWithSecret == "uploaded", "to be refused");
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest(policy.Hostname));
        await ProvideAsync("uploaded", leaf.ChainPem, leaf.KeyPem);

        await Cluster.ControlPlane.KubectlAsync(["annotate", "-n", Cluster.Namespace, "certificaterenewalruns", failed.Metadata.Name, $"{WellKnown.ResolveWithSecret}-"]);
        await WaitForAsync(failed, r => r.Status?.Handled is null, "to forget what was asked");
        await Cluster.AnnotateRunAsync(failed, WellKnown.ResolveWithSecret, "uploaded");

        await WaitForAsync(failed, r => r.Status?.Phase == RunPhase.Succeeded, "to take the pair");
        await AssertInUseAsync(policy, leaf);
    }

    [Test]
    public async Task A_suspended_policy_whose_runs_are_gone_takes_a_pair_over()
    {
        var policy = new PolicyBuilder(Cluster);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        CertificateRenewalRun succeeded = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { Suspend = true });
        int orders = Cluster.Acme.OrdersPlaced;
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest(policy.Hostname));
        using IssuedLeaf foreign = _authority.Issue(new LeafRequest("elsewhere.example.com"));
        await ProvideAsync("uploaded", leaf.ChainPem, leaf.KeyPem);
        await ProvideAsync("foreign", foreign.ChainPem, foreign.KeyPem);

        await Cluster.AnnotateRunAsync(succeeded, WellKnown.ResolveWithSecret, "uploaded");
        Event refused = await WaitForEventAsync(succeeded.Metadata.Name, "ResolutionRefused");
        Assert.That(refused.Note, Does.Contain($"kubectl annotate crp {policy.Name} {WellKnown.ResolveWithSecret}=uploaded --overwrite"));

        await Cluster.ControlPlane.KubectlAsync(["delete", "-n", Cluster.Namespace, "certificaterenewalruns", "--all"]);
        await HandOverAsync(policy, "foreign");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Handled?.ResolveWithSecret == "foreign", "to refuse the pair");
        Assert.That((await WaitForEventAsync(policy.Name, "ResolutionRefused", "foreign")).Note, Does.Contain("is not valid for"));
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Is.Empty, "nothing is begun that cannot succeed");

        await HandOverAsync(policy, "uploaded");
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        Assert.That((run.Status!.Phase, run.Spec.Trigger, run.Status.Resolution?.SecretName), Is.EqualTo(((RunPhase?)RunPhase.Succeeded, (RunTrigger?)RunTrigger.Manual, "uploaded")));
        await AssertInUseAsync(policy, leaf);
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Handled?.ResolveWithSecret == "uploaded" && p.Is("Ready") && p.Status.LastRun == run.Metadata.Name, "to be ready");
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(orders));
    }

    [Test]
    public async Task A_policy_hands_a_pair_to_its_run_that_waits_for_the_CA()
    {
        var policy = new PolicyBuilder(Cluster);
        Cluster.Acme.Hooks.Before = request => Task.FromResult<ProxiedAnswer?>(request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Dropped : null);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), IsTryingAgain, Deadlines.Run, "a run that tries again");
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest(policy.Hostname));
        await ProvideAsync("uploaded", leaf.ChainPem, leaf.KeyPem);

        await HandOverAsync(policy, "uploaded");
        CertificateRenewalRun run = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];

        Assert.That((run.Status!.Phase, run.Status.Resolution?.SecretName), Is.EqualTo((RunPhase.Succeeded, "uploaded")));
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Handled?.ResolveWithSecret == "uploaded" && p.Is("Ready"), "to be ready");
        await AssertInUseAsync(policy, leaf);
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Keys_of_a_Secret_of_somebody_elses_that_nobody_keeps_current_are_told_of_once()
    {
        var policy = new PolicyBuilder(Cluster).With(s => s with { Outputs = [new SecretOutput { Type = SecretOutputKind.Der }] });
        using IssuedLeaf leaf = _authority.Issue(new LeafRequest(policy.Hostname));
        await Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = policy.SecretName, Namespace = Cluster.Namespace },
                Type = "kubernetes.io/tls",
                Data = new Dictionary<string, byte[]> { ["tls.crt"] = Encoding.ASCII.GetBytes(leaf.ChainPem), ["tls.key"] = Encoding.ASCII.GetBytes(leaf.KeyPem), ["keystore.jks"] = [1], ["key.der"] = [2] },
            },
            CancellationToken.None);
        CertificateRenewalPolicy asked = policy.Build();
        asked.Metadata.Annotations = new() { [WellKnown.RenewMode] = "DryRun", [WellKnown.RenewRequestedAt] = "1" };
        asked.Spec = asked.Spec with { Suspend = true };
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalRun dry = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        RunCheck row = dry.Status!.Report!.Single(c => c.Check == "TargetSecret");
        Assert.That(row.Result, Is.EqualTo(CheckResult.Warning), row.Evidence);
        Assert.That(row.Evidence, Does.Contain("keystore.jks").And.Not.Contain("key.der"));

        foreach (string value in new[] { "2", "3" })
        {
            await Cluster.ChangeAsync(policy.Name, p =>
            {
                p.Metadata.Annotations![WellKnown.RenewMode] = "Live";
                p.Metadata.Annotations[WellKnown.RenewRequestedAt] = value;
            });
            await Cluster.WaitForFinishedRunsAsync(policy.Name, value == "2" ? 2 : 3);
        }

        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 3);
        Event told = await WaitForEventAsync(policy.Name, "KeysNotKeptCurrent", "keystore.jks");
        Assert.That(told.Related?.Name, Is.EqualTo(runs[1].Metadata.Name));
        Assert.That(runs.Select(r => r.Status!.Log!.Count(l => l.Message.Contains("Nobody keeps current", StringComparison.Ordinal))), Is.EqualTo(new[] { 0, 1, 0 }), "it is said at the takeover alone");
        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Assert.That(secret.Data!["keystore.jks"], Is.EqualTo(new byte[] { 1 }), "nothing of somebody else's goes");
        Assert.That(secret.Data["key.der"], Has.Length.GreaterThan(1));
    }

    private static bool IsTryingAgain(IReadOnlyList<CertificateRenewalRun> runs) => runs is [{ Status: { Phase: RunPhase.Running, RetryAt: not null } }];

    private Task HandOverAsync(PolicyBuilder policy, string secret)
        => Cluster.ControlPlane.KubectlAsync(["annotate", "--overwrite", "-n", Cluster.Namespace, "certificaterenewalpolicies", policy.Name, $"{WellKnown.ResolveWithSecret}={secret}"]);

    private async Task AssertInUseAsync(PolicyBuilder policy, IssuedLeaf leaf)
    {
        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None);
        Assert.That(Encoding.ASCII.GetString(secret.Data!["tls.crt"]), Does.StartWith(leaf.Pem));
    }

    private Task<Event> WaitForEventAsync(string regarding, string reason, string note = "") =>
        Eventually.GetAsync(
            async _ =>
            {
                await foreach (Event e in Cluster.Events.ListAsync(new ListOptions { Namespace = Cluster.Namespace }, CancellationToken.None))
                {
                    if (e.Regarding?.Name == regarding && e.Reason == reason && e.Note?.Contains(note, StringComparison.Ordinal) == true)
                    {
                        return e;
                    }
                }

                return null!;
            },
            e => e is not null,
            Deadlines.Run,
            $"Event {reason} on {regarding}");

    private async Task<PolicyBuilder> FailedPolicyAsync()
    {
        var policy = new PolicyBuilder(Cluster);
        Cluster.Acme.Hooks.Before = request => Task.FromResult(request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Problem(403, "malformed", "Not today.") : null);
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        return policy;
    }

    private Task ProvideAsync(string name, string chain, string key) =>
        Cluster.Secrets.CreateAsync(
            new Secret
            {
                Metadata = new ObjectMeta { Name = name, Namespace = Cluster.Namespace },
                Type = "Opaque",
                Data = new Dictionary<string, byte[]> { ["tls.crt"] = Encoding.ASCII.GetBytes(chain), ["tls.key"] = Encoding.ASCII.GetBytes(key) },
            },
            CancellationToken.None);

    private Task<CertificateRenewalRun> WaitForAsync(CertificateRenewalRun run, Func<CertificateRenewalRun, bool> fits, string what) =>
        Eventually.GetAsync(_ => Cluster.Runs.GetAsync(NamespacedName.Of(run), CancellationToken.None), fits, Deadlines.Run, $"the run {what}");
}
