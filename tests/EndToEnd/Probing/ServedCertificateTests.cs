using CertOperator.Crds;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Probing;

/// <summary>What a host really serves is looked at after a renewal, on request and from time to time.</summary>
public sealed class ServedCertificateTests : ClusterTest
{
    private const string Served = "ServedCertificateMatches";

    [Test]
    public async Task A_host_that_serves_another_certificate_is_told_of_and_so_is_its_mending()
    {
        var policy = new PolicyBuilder(Cluster);
        await using TlsHost host = TlsHost.Start(policy);
        policy.With(s => s with { Verify = host.Verify(policy) });
        OperatorUnderTest one = await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);
        CertificateRenewalPolicy wrong = await WaitForServedAsync(policy, "False");
        Assert.That((await Cluster.WaitForFinishedRunsAsync(policy.Name))[0].Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(wrong.Condition(Served)!.Reason, Is.EqualTo("Mismatch"));
        Assert.That(wrong.Condition(Served)!.Message, Does.StartWith($"{host.Endpoint(policy)} serves certificate ").And.Contains("CN=Old CA").And.Contains("reloads it"));
        Assert.That((await MetricAsync(one, policy, host, "served_match"), await MetricAsync(one, policy, host, "reachable")), Is.EqualTo(("0", "1")));

        host.Load(await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None));
        await RequestCheckAsync(policy, "1");
        CertificateRenewalPolicy right = await WaitForServedAsync(policy, "True", "1");
        Assert.That(right.Status!.Snapshot!.Single().Certificate!.Fingerprint, Is.EqualTo(right.Status.Fingerprint));
        Assert.That(right.Status.Snapshot!.Single(), Has.Property("ChainLength").EqualTo(2).And.Property("Protocol").EqualTo("TLSv1.3"));
        Assert.That(await MetricAsync(one, policy, host, "served_match"), Is.EqualTo("1"));
        await Eventually.GetAsync(_ => EventsAsync(), e => e.Contains("Warning Mismatch") && e.Contains("Normal Matches"), Deadlines.Api, "both Events");

        // The rest on a suspended policy, which is looked at all the same.
        await host.DisposeAsync();
        await Cluster.ChangeAsync(policy.Name, p =>
        {
            p.Spec = p.Spec with { Suspend = true };
            (p.Metadata.Annotations ??= [])[WellKnown.CheckRequestedAt] = "2";
        });
        CertificateRenewalPolicy silent = await WaitForServedAsync(policy, "False", "2");
        Assert.That(silent.Condition(Served)!.Reason, Is.EqualTo("Unreachable"));
        Assert.That(silent.Condition(Served)!.Message, Does.Contain("ConnectionRefused").And.Contains("spec.verify.connectTo"));
        Assert.That((await MetricAsync(one, policy, host, "served_match"), await MetricAsync(one, policy, host, "reachable")), Is.EqualTo(((string?)null, "0")), "no answer is no other certificate");

        await Cluster.ChangeAsync(policy.Name, p =>
        {
            p.Spec = p.Spec with { Verify = p.Spec.Verify! with { ConnectTo = "169.254.169.254:80" } };
            p.Metadata.Annotations![WellKnown.CheckRequestedAt] = "3";
        });
        Assert.That((await WaitForServedAsync(policy, "False", "3")).Condition(Served)!.Message, Does.Contain("link-local address").And.Contains("is not dialled"));

        await Cluster.ChangeAsync(policy.Name, p =>
        {
            p.Spec = p.Spec with { Verify = new VerifySpec { None = true } };
            p.Metadata.Annotations![WellKnown.CheckRequestedAt] = "4";
        });
        CertificateRenewalPolicy none = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Handled?.CheckRequestedAt == "4", "to answer the last request");
        Assert.That((none.Status!.Snapshot, none.Condition(Served)), Is.EqualTo(((IReadOnlyList<EndpointSnapshot>?)null, (Condition?)null)));
        await Eventually.GetAsync(_ => EventsAsync(), e => e.Contains("Warning NothingToProbe"), Deadlines.Api, "an Event that says why");

        // The same again is counted in that Event, and the count is written before the end.
        await RequestCheckAsync(policy, "5");
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status?.Handled?.CheckRequestedAt == "5", "to answer once more");
        await one.TerminateAsync();
        Assert.That(Cluster.Api.Exchanges.Where(e => e is { Verb: "patch", Resource: "events" }).Select(e => e.Status), Is.Not.Empty.And.All.EqualTo(200));
    }

    [Test]
    public async Task Where_it_is_required_a_run_needs_a_person_and_succeeds_when_it_is_resumed()
    {
        var policy = new PolicyBuilder(Cluster);
        await using TlsHost host = TlsHost.Start(policy);
        policy.With(s => s with { Verify = host.Verify(policy) with { Required = true } });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun stopped = (await Cluster.WaitForFinishedRunsAsync(policy.Name))[0];
        Assert.That((stopped.Status!.Phase, stopped.Status.Reason, stopped.Status.CurrentStep), Is.EqualTo((RunPhase.NeedsManual, "NotVerified", StepName.Verify)));
        Assert.That(stopped.Status.Message, Does.Contain($"{host.Endpoint(policy)} serves certificate ").And.Contains(stopped.Status.Certificate!.Serial).And.Contains(WellKnown.ResumeRequestedAt));
        CertificateRenewalPolicy told = await WaitForServedAsync(policy, "False");
        Assert.That((told.Is("Ready"), told.Status!.Phase), Is.EqualTo((true, PolicyPhase.NeedsManual)));

        host.Load(await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None));
        await Cluster.AnnotateRunAsync(stopped, WellKnown.ResumeRequestedAt, "1");
        await Eventually.GetAsync(_ => Cluster.Runs.GetAsync(NamespacedName.Of(stopped), CancellationToken.None), r => r.Status?.Phase == RunPhase.Succeeded, Deadlines.Run, "the resumed run to succeed");
        await WaitForServedAsync(policy, "True");
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    [Test]
    public async Task A_check_is_answered_while_a_run_waits_for_the_host()
    {
        var policy = new PolicyBuilder(Cluster);
        await using TlsHost host = TlsHost.Start(policy);
        policy.With(s => s with { Verify = host.Verify(policy, timeoutSeconds: 300) });
        await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        await Eventually.GetAsync(
            _ => Cluster.RunsOfAsync(policy.Name),
            r => r is [{ Status: { CurrentStep: StepName.Verify, Message: { } message } }] && message.Contains("serves certificate", StringComparison.Ordinal),
            Deadlines.Run,
            "a run that waits for the host");

        await RequestCheckAsync(policy, "1");
        CertificateRenewalPolicy wrong = await WaitForServedAsync(policy, "False", "1");
        Assert.That((wrong.Status!.Phase, wrong.Is("Ready")), Is.EqualTo((PolicyPhase.Running, true)), "the certificate is there, whoever serves it");

        host.Load(await Cluster.Secrets.GetAsync(Cluster.Name(policy.SecretName), CancellationToken.None));
        await RequestCheckAsync(policy, "2");
        await WaitForServedAsync(policy, "True", "2");
        Assert.That((await Cluster.WaitForFinishedRunsAsync(policy.Name))[0].Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
    }

    [Test]
    public async Task A_certificate_stays_the_policys_own_when_the_run_that_brought_it_is_deleted()
    {
        var policy = new PolicyBuilder(Cluster);
        await using TlsHost host = TlsHost.Start(policy);
        await Cluster.StartOperatorAsync(new OperatorSettings { Flags = ["--secret-check-interval", "10s"] });
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy first = await Cluster.WaitUntilReadyAsync(policy.Name);
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { Verify = host.Verify(policy, timeoutSeconds: 300) });

        await Cluster.RequestRenewalAsync(policy.Name, "again");
        IReadOnlyList<CertificateRenewalRun> runs = await Eventually.GetAsync(
            _ => Cluster.RunsOfAsync(policy.Name),
            r => r is [_, { Status: { CurrentStep: StepName.Verify, Message: { } message } }] && message.Contains("serves certificate", StringComparison.Ordinal),
            Deadlines.Run,
            "a run that waits for the host");
        // Before that, the request would still be open, and the next run made for it.
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status is { Phase: PolicyPhase.Running, Handled.RenewRequestedAt: "again" }, "to say that a run is in progress");
        await Cluster.Runs.DeleteAsync(NamespacedName.Of(runs[1]), null, CancellationToken.None);

        CertificateRenewalPolicy after = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status is { Phase: PolicyPhase.Idle } s && s.Serial == runs[1].Status!.Certificate!.Serial, "to know its certificate");
        Assert.That((after.Is("Ready"), after.Status!.Serial == first.Status!.Serial), Is.EqualTo((true, false)));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(2));
    }

    [Test]
    public async Task What_changes_while_nobody_looks_is_found_after_a_restart_and_written_once()
    {
        var policy = new PolicyBuilder(Cluster);
        await using TlsHost host = TlsHost.Start(policy);
        policy.With(s => s with { Verify = host.Verify(policy) });
        OperatorUnderTest first = await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy stored = await WaitForServedAsync(policy, "False");
        await first.TerminateAsync();

        // As if the host had served the right certificate when it was asked last, two hours ago.
        stored = await Cluster.Policies.GetAsync(NamespacedName.Of(stored), CancellationToken.None);
        stored.Status = stored.Status! with
        {
            Conditions = [.. stored.Status.Conditions!.Where(c => c.Type != Served)],
            Snapshot = [stored.Status.Snapshot!.Single() with { Matches = true, CheckedAt = TimeProvider.System.GetUtcNow().AddHours(-2) }],
        };
        await Cluster.Policies.UpdateStatusAsync(stored, CancellationToken.None);
        int before = host.Connections;
        await Cluster.StartOperatorAsync();

        CertificateRenewalPolicy found = await WaitForServedAsync(policy, "False");
        Assert.That(host.Connections - before, Is.EqualTo(2), "it was asked once more before anybody was told");
        Assert.That(found.Status!.Snapshot!.Single().CheckedAt, Is.GreaterThan(TimeProvider.System.GetUtcNow().AddMinutes(-5)));
    }

    private Task RequestCheckAsync(PolicyBuilder policy, string value) =>
        Cluster.ChangeAsync(policy.Name, p => (p.Metadata.Annotations ??= [])[WellKnown.CheckRequestedAt] = value);

    private Task<CertificateRenewalPolicy> WaitForServedAsync(PolicyBuilder policy, string status, string? request = null) =>
        Cluster.WaitForPolicyAsync(
            policy.Name,
            p => p.Condition(Served)?.Status == status && p.Status!.Handled?.CheckRequestedAt == request,
            $"to say that {Served} is {status}");

    private static async Task<string?> MetricAsync(OperatorUnderTest one, PolicyBuilder policy, TlsHost host, string metric) =>
        (await one.MetricsAsync()).Split('\n')
            .Where(l => l.StartsWith($"certoperator_endpoint_{metric}{{", StringComparison.Ordinal) && l.Contains($"endpoint=\"{host.Endpoint(policy)}\"", StringComparison.Ordinal))
            .Select(l => l.Split(' ')[^1])
            .SingleOrDefault();

    private async Task<IReadOnlyList<string>> EventsAsync()
    {
        List<string> events = [];
        await foreach (Event e in Cluster.Events.ListAsync(new ListOptions { Namespace = Cluster.Namespace }, CancellationToken.None))
        {
            events.Add($"{e.Type} {e.Reason}");
        }

        return events;
    }
}
