using System.Globalization;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class UnreachableAuthorityTests : ProxiedPoliciesTest
{
    [Test]
    public async Task What_is_no_ACME_server_ends_the_run_after_one_request_with_a_sentence_that_says_what_to_check()
    {
        ProxiedPolicy untrusted = (await PolicyAsync("untrusted")).WithAcme(a => a with { CaBundle = null });
        ProxiedPolicy otherCa = (await PolicyAsync("other-ca")).WithAcme(a => a with { CaBundle = Cluster.Acme.CaPem });
        ProxiedPolicy page = await AnsweringAsync("page", ProxiedAnswer.Of(200, "text/html", "<h1>Welcome</h1>"));
        ProxiedPolicy wrongPath = (await PolicyAsync("wrong-path")).WithAcme(a => a with { Server = a.Server + "ectory-that-is-not-there" });
        ProxiedPolicy otherJson = await AnsweringAsync("other-json", ProxiedAnswer.Of(200, "application/json", """{"hello":"world"}"""));
        ProxiedPolicy huge = await AnsweringAsync("huge", ProxiedAnswer.Of(200, "application/json", new string(' ', 5 * 1024 * 1024) + "{}"));
        ProxiedPolicy forbidden = await AnsweringAsync("forbidden", ProxiedAnswer.Of(403, "text/html", "<h1>Blocked by the firewall</h1>"));
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();

        using (Assert.EnterMultipleScope())
        {
            await AssertFailedAsync(untrusted, "ServerNotTrusted", "caBundle");
            await AssertFailedAsync(otherCa, "ServerNotTrusted", "caBundle");
            await AssertFailedAsync(page, "NotAnAcmeServer", "text/html");
            await AssertFailedAsync(wrongPath, "NotAnAcmeServer", "404");
            await AssertFailedAsync(otherJson, "NotAnAcmeServer", "directory");
            await AssertFailedAsync(huge, "NotAnAcmeServer", "larger than");
            await AssertFailedAsync(forbidden, "NotAnAcmeServer", "403");
        }
    }

    [Test]
    public async Task A_CA_that_cannot_be_reached_is_tried_again_slowly_and_found_when_it_is_back()
    {
        ProxiedPolicy refused = (await PolicyAsync("refused")).WithAcme(a => a with { Server = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{FreePort.Next()}/dir") });
        ProxiedPolicy nowhere = (await PolicyAsync("nowhere")).WithAcme(a => a with { Server = "https://acme.invalid/dir" });
        ProxiedPolicy dropped = await PolicyAsync("dropped");
        int drops = 0;
        dropped.Acme.Hooks.Before = _ => Task.FromResult(Interlocked.Increment(ref drops) <= 2 ? ProxiedAnswer.Dropped : null);
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();

        await Cluster.WaitUntilReadyAsync(dropped.Name);
        AssertIssuedOnce(dropped);
        foreach (ProxiedPolicy policy in new[] { refused, nowhere })
        {
            CertificateRenewalRun waiting = (await Eventually.GetAsync(
                _ => Cluster.RunsOfAsync(policy.Name),
                runs => runs is [{ Status.RetryAt: not null }],
                Deadlines.Run,
                $"the run of {policy.Name} to wait"))[0];
            RunStep step = waiting.Status!.Steps!.Single(s => s.Name == StepName.Preflight);
            Assert.That(waiting.Status.Phase, Is.EqualTo(RunPhase.Running), policy.Name);
            Assert.That(waiting.Status.Reason, Is.EqualTo("ServerUnreachable"), policy.Name);
            Assert.That(waiting.Status.Message, Does.Contain(policy == refused ? "Refused" : "name does not resolve (acme.invalid does not resolve"), policy.Name);
            Assert.That(step.Attempts, Is.InRange(1, 8), policy.Name);
        }
    }

    private async Task<ProxiedPolicy> AnsweringAsync(string name, ProxiedAnswer directory)
    {
        ProxiedPolicy policy = await PolicyAsync(name);
        policy.Acme.Hooks.After = (request, answer) => Task.FromResult(request.Kind == AcmeRequestKind.Directory ? directory : answer);
        return policy;
    }

    private async Task AssertFailedAsync(ProxiedPolicy policy, string reason, string said)
    {
        CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);
        CertificateRenewalPolicy reported = await WaitUntilFailedAsync(policy);
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Failed), policy.Name);
        Assert.That(run.Status.Reason, Is.EqualTo(reason), $"{policy.Name}: {run.Status.Message}");
        Assert.That(run.Status.Message, Does.Contain(said), policy.Name);
        Assert.That(reported.Condition("Ready")?.Message, Does.Contain(said), policy.Name);
        Assert.That(reported.Condition("Reconciling")?.Reason, Is.EqualTo("BackingOff"), policy.Name);
        Assert.That(policy.Acme.Exchanges, Has.Count.LessThanOrEqualTo(1), policy.Name);
    }
}
