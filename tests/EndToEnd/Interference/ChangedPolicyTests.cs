using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.EndToEnd.Survival;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Interference;

/// <summary>Changes of a policy, and the fields that say how it is worked on.</summary>
public sealed class ChangedPolicyTests : ClusterTest
{
    private static IEnumerable<TestCaseData> Points() => new[]
    {
        KillPoint.Before("the order is placed", AcmeRequestKind.NewOrder),
        KillPoint.After("the order is placed", AcmeRequestKind.NewOrder),
        KillPoint.Before("the order is finalized", AcmeRequestKind.Finalize),
        KillPoint.After("the order is finalized", AcmeRequestKind.Finalize),
    }.Select(p => new TestCaseData(p).SetArgDisplayNames(p.Name));

    [TestCaseSource(nameof(Points))]
    public async Task A_policy_that_is_edited_in_the_middle_of_a_run_gets_what_it_says_now(KillPoint point)
    {
        await using PairWatcher pairs = await PairWatcher.StartAsync(Cluster);
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = point.HoldAt(Cluster, release.Task);
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.ReachedAsync(held);

        string added = $"other.{policy.Hostname}";
        CertificateRenewalPolicy edited = await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { AdditionalNames = [added], SecretName = "elsewhere", Provider = CertificateProviderKind.LetsEncrypt });
        // The metrics are made from what the operator has in its cache, and show the provider.
        await Eventually.TrueAsync(
            async _ => (await op.MetricsAsync()).Split('\n').Any(l => l.Contains($"policy=\"{policy.Name}\"", StringComparison.Ordinal) && l.Contains("provider=\"letsencrypt\"", StringComparison.Ordinal)),
            Deadlines.Api,
            "the operator to hear of the change");
        release.SetResult();
        CertificateRenewalPolicy ready = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.ObservedGeneration == edited.Metadata.Generation && p.Status.Phase == PolicyPhase.Idle, "to be ready with its new names");

        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.RunsOfAsync(policy.Name);
        Assert.That(runs.Select(r => (r.Status!.Phase, r.Status.Reason)), Is.EqualTo(new[] { ((RunPhase?)RunPhase.Failed, "PolicyChanged"), (RunPhase.Succeeded, "Succeeded") }));
        Assert.That(runs[1].Status!.Certificate!.Names, Is.EquivalentTo(new[] { policy.Hostname, added }));
        Assert.That(ready.Status!.ConsecutiveFailures, Is.Zero);
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name("elsewhere"), CancellationToken.None), Is.Not.Null);
        Assert.That(await Cluster.Secrets.FindAsync(Cluster.Name(policy.SecretName), CancellationToken.None), Is.Null);
        Assert.That(pairs.Mismatches, Is.Empty);
    }

    [Test]
    public async Task An_edited_policy_whose_renewal_fails_is_not_ready_however_often_it_is_looked_at()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Cluster.Acme.Hooks.Before = request => Task.FromResult<ProxiedAnswer?>(
            request.Kind == AcmeRequestKind.NewOrder ? ProxiedAnswer.Problem(400, "rejectedIdentifier", "Not that name.") : null);

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { AdditionalNames = [$"b.{policy.Hostname}"] });
        await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        CertificateRenewalPolicy failed = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status is { Phase: not (PolicyPhase.Running or PolicyPhase.Queued) } && p.Condition("Ready")?.Reason == "RequestChanged", "not to be ready");

        // Any change brings another look; what it was about stays known.
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { HistoryLimit = 7 });
        CertificateRenewalPolicy again = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status!.ObservedGeneration > failed.Metadata.Generation, "to be looked at again");
        Assert.That((again.Condition("Ready")!.Status, again.Condition("Ready")!.Reason), Is.EqualTo(("False", "RequestChanged")));
    }

    [Test]
    public async Task Suspend_holds_what_is_planned_and_neither_what_is_asked_for_nor_what_has_begun()
    {
        await Cluster.StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { Suspend = true });
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy suspended = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Condition("Reconciling")?.Reason == "Suspended", "to say that it is suspended");
        Assert.That(suspended.Condition("Reconciling")!.Message, Does.Contain("a certificate is needed"));
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);

        await Cluster.RequestRenewalAsync(policy.Name, "once");
        await Cluster.WaitUntilReadyAsync(policy.Name);
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));

        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { AdditionalNames = [$"b.{policy.Hostname}"] });
        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status!.ObservedGeneration == p.Metadata.Generation && p.Condition("Reconciling")!.Message!.Contains("names", StringComparison.Ordinal), "to say what is needed");
        Assert.That(await Cluster.RunsOfAsync(policy.Name), Has.Count.EqualTo(1));

        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task held = KillPoint.Before("the challenge is answered", AcmeRequestKind.Challenge).HoldAt(Cluster, release.Task);
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { Suspend = false });
        await Cluster.ReachedAsync(held);
        await Cluster.ChangeAsync(policy.Name, p => p.Spec = p.Spec with { Suspend = true });
        release.SetResult();
        IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
        Assert.That(runs.Select(r => r.Status!.Phase), Is.EqualTo(new[] { RunPhase.Succeeded, RunPhase.Succeeded }));
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task No_more_finished_runs_are_kept_than_asked_for_and_nothing_is_forgotten_with_them(int limit)
    {
        OperatorUnderTest first = await Cluster.StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { HistoryLimit = limit });
        await Cluster.CreateAsync(policy);
        await Cluster.WaitUntilReadyAsync(policy.Name);
        List<string> serials = [];
        foreach (string request in new[] { "one", "two", "three" })
        {
            await Cluster.RequestRenewalAsync(policy.Name, request);
            CertificateRenewalPolicy renewed = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && p.Status!.Phase == PolicyPhase.Idle && p.Status.Handled?.RenewRequestedAt == request && !serials.Contains(p.Status.Serial!), $"to handle request {request}");
            serials.Add(renewed.Status!.Serial!);
        }

        IReadOnlyList<CertificateRenewalRun> kept = await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), runs => runs.Count == limit, Deadlines.Run, $"{limit} runs to be left");
        await first.TerminateAsync();
        await Cluster.StartOperatorAsync();
        var other = new PolicyBuilder(Cluster, "other");
        await Cluster.CreateAsync(other);
        await Cluster.WaitUntilReadyAsync(other.Name);

        CertificateRenewalPolicy after = await Cluster.Policies.GetAsync(Cluster.Name(policy.Name), CancellationToken.None);
        Assert.That(after.Status!.RecentIssuances, Has.Count.EqualTo(4));
        Assert.That(after.Status.Serial, Is.EqualTo(serials[^1]));
        Assert.That((await Cluster.RunsOfAsync(policy.Name)).Select(r => r.Metadata.Uid), Is.EquivalentTo(kept.Select(r => r.Metadata.Uid)));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(5), "one, three requests, and the other policy");
    }

    [Test]
    public async Task Fields_that_nobody_knows_are_dropped_and_harm_nothing()
    {
        await Cluster.StartOperatorAsync();
        var policy = new PolicyBuilder(Cluster);
        JsonObject document = JsonNode.Parse($$$"""
            {"apiVersion":"certoperator.io/v1alpha1","kind":"CertificateRenewalPolicy","metadata":{"name":"www"},"extra":{"a":[1,{"b":null}] },
             "spec":{"hostname":"{{{policy.Hostname}}}","secretName":"{{{policy.SecretName}}}","provider":"acme","verify":{"none":true,"deeply":{"unknown":1} },
                     "challenge":"http-01","typo":"x","nested":{"list":[[1],[2]]},"providerConfig":{"acme":{"profil":"classic"},"unheardOf":{} } },
             "status":{"nonsense":true,"conditions":[{"bogus":1}] } }
            """)!.AsObject();
        JsonObject acme = document["spec"]!["providerConfig"]!["acme"]!.AsObject();
        acme["server"] = Cluster.Acme.DirectoryUrl.AbsoluteUri;
        acme["caBundle"] = Cluster.Acme.CaPem;

        string stored = await PostAsync(document.ToJsonString());
        CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);

        foreach (string unknown in new[] { "extra", "deeply", "typo", "nested", "profil\"", "unheardOf", "nonsense" })
        {
            Assert.That(stored, Does.Not.Contain(unknown));
        }

        Assert.That(ready.Is("Stalled"), Is.False);
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    private async Task<string> PostAsync(string document)
    {
        using HttpClient client = Cluster.ControlPlane.CreateAdminClient();
        using var content = new StringContent(document, MediaTypeHeaderValue.Parse("application/json"));
        using HttpResponseMessage response = await client.PostAsync(new Uri($"/apis/certoperator.io/v1alpha1/namespaces/{Cluster.Namespace}/certificaterenewalpolicies", UriKind.Relative), content);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created), answer);
        return answer;
    }
}
