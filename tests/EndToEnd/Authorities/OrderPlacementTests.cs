using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

/// <summary>One order per run also where the CA keeps no list of orders, and the certificate that it renews in it (RFC 9773, section 5).</summary>
public sealed class OrderPlacementTests : ProxiedPoliciesTest
{
    [Test]
    public async Task An_order_whose_challenges_could_not_be_read_is_not_placed_again()
    {
        ProxiedPolicy policy = await WithoutListAsync("once");
        Refusals refused = Refusals.Install(policy.Acme, AcmeRequestKind.Authorization, 2, _ => ProxiedAnswer.Of(503, "text/html", "<h1>Service unavailable</h1>"));
        await Cluster.StartOperatorAsync();

        await CreateAllAsync();
        CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(run.Status.Order!.Placed, Is.EqualTo(1));
        Assert.That(refused.Arrivals, Has.Count.AtLeast(3));
        AssertIssuedOnce(policy);
    }

    [Test]
    public async Task An_order_whose_challenges_could_not_be_read_is_known_after_a_restart()
    {
        ProxiedPolicy policy = await WithoutListAsync("killed");
        Refusals refused = Refusals.Install(policy.Acme, AcmeRequestKind.Authorization, 1, _ => ProxiedAnswer.Of(503, "text/html", "<h1>Service unavailable</h1>", ("Retry-After", "5")));
        OperatorUnderTest victim = await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        await Eventually.GetAsync(_ => Cluster.RunsOfAsync(policy.Name), runs => runs is [{ Status.Order.Url: not null }], Deadlines.Run, "the order to be noted");

        await victim.KillAsync();
        await Cluster.StartOperatorAsync();
        CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);

        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
        Assert.That(refused.Arrivals, Has.Count.AtLeast(2));
        Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(1));
    }

    [Test]
    public async Task The_certificate_that_is_renewed_is_named_unless_the_CA_does_not_want_it()
    {
        ProxiedPolicy named = await RenewableAsync("named");
        ProxiedPolicy refused = await RenewableAsync("refused");
        ProxiedPolicy unasked = (await RenewableAsync("unasked")).WithAcme(a => a with { UseAri = false });
        var replaced = new ConcurrentDictionary<string, ConcurrentQueue<string?>>();
        foreach (ProxiedPolicy policy in Policies)
        {
            ConcurrentQueue<string?> seen = replaced[policy.Name] = new();
            Func<AcmeRequest, Task<ProxiedAnswer?>> before = policy.Acme.Hooks.Before;
            policy.Acme.Hooks.Before = request =>
            {
                if (request.Kind != AcmeRequestKind.NewOrder)
                {
                    return before(request);
                }

                string? replaces = Payload(request)["replaces"]?.GetValue<string>();
                seen.Enqueue(replaces);
                return Task.FromResult(policy == refused && replaces is not null ? ProxiedAnswer.Problem(409, "alreadyReplaced", "Another order replaces it.") : null);
            };
        }

        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        Dictionary<string, string?> certificates = [];
        foreach (ProxiedPolicy policy in Policies)
        {
            CertificateRenewalPolicy ready = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Ready") && (policy == unasked || p.Status!.RenewalInfo is not null), "to be ready");
            certificates[policy.Name] = ready.Status!.RenewalInfo?.CertificateId;
            await Cluster.RequestRenewalAsync(policy.Name, "again");
        }

        foreach (ProxiedPolicy policy in Policies)
        {
            IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
            Assert.That(runs.Select(r => r.Status!.Phase), Has.All.EqualTo(RunPhase.Succeeded), policy.Name);
        }

        Assert.That(replaced[named.Name].Take(2), Is.EqualTo(new[] { null, certificates[named.Name] }));
        Assert.That(replaced[refused.Name], Is.EqualTo(new[] { null, certificates[refused.Name], null }));
        Assert.That(replaced[unasked.Name], Is.EqualTo(new string?[] { null, null }));
    }

    /// <summary>At a CA that says of an account nothing about its orders.</summary>
    private async Task<ProxiedPolicy> WithoutListAsync(string name)
    {
        ProxiedPolicy policy = await PolicyAsync(name);
        policy.Acme.Hooks.After = (request, answer) =>
        {
            if (request.Kind != AcmeRequestKind.NewAccount || answer.Status >= 300)
            {
                return Task.FromResult(answer);
            }

            JsonObject account = JsonNode.Parse(answer.BodyText)!.AsObject();
            account.Remove("orders");
            return Task.FromResult(answer.WithBody(account.ToJsonString()));
        };
        return policy;
    }

    /// <summary>At a CA that offers renewal information, far in the future.</summary>
    private async Task<ProxiedPolicy> RenewableAsync(string name)
    {
        ProxiedPolicy policy = await PolicyAsync(name);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        RenewalInformation.Offer(policy.Acme, _ => RenewalInformation.Window(now.AddDays(60), now.AddDays(61)));
        return policy;
    }

    private static JsonNode Payload(AcmeRequest request) =>
        JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(JsonNode.Parse(request.Http.BodyText)!["payload"]!.GetValue<string>())))!;
}
