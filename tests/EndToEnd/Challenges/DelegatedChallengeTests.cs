using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges;

/// <summary>A zone that takes no updates and delegates its challenges to one that does.</summary>
public sealed class DelegatedChallengeTests : DnsTest
{
    private const string Delegated = "delegated.test";

    protected override BindOptions DnsSettings => new()
    {
        FollowAliases = true,
        Keys = [Key],
        Zones =
        [
            new BindZone(Zone) { UpdatedBy = KeyName },
            new BindZone(Delegated) { Records = [$"_acme-challenge.deep.er CNAME via", $"via CNAME tickets.{Zone}."] },
        ],
    };

    [Test]
    public async Task A_CNAME_leads_to_the_zone_that_takes_updates()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), $"deep.er.{Delegated}");
        IReadOnlyList<string> seen = [];
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Challenge && seen.Count == 0)
            {
                seen = await Dns.TxtAsync($"tickets.{Zone}");
            }

            return null;
        };
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That(seen, Has.Count.EqualTo(2));
        await AssertNothingLeftAsync($"tickets.{Zone}");
    }

    [Test]
    public async Task A_CNAME_is_not_followed_where_that_is_turned_off()
    {
        await CreateSecretAsync();
        await CreateSolverAsync(d => d with { FollowCname = false });
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), $"deep.er.{Delegated}");
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Message, Does.Contain($"zone {Delegated}").And.Contain("REFUSED"));
    }
}
