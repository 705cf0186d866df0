using CertOperator.Crds.Runs;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class RejectedNonceTests : ProxiedPoliciesTest
{
    protected override PebbleOptions PebbleSettings => new() { NonceRejectPercent = 60 };

    [Test]
    public async Task A_CA_that_refuses_three_good_nonces_of_five_still_issues_once_per_run()
    {
        for (int i = 0; i < 4; i++)
        {
            await PolicyAsync($"www-{i}");
        }

        await Cluster.StartOperatorAsync();
        await CreateAllAsync();

        foreach (ProxiedPolicy policy in Policies)
        {
            CertificateRenewalRun run = await WaitForOnlyRunAsync(policy);
            Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded), run.Status.Message);
            AssertIssuedOnce(policy);
        }

        Assert.That(Policies.Sum(p => p.Acme.Exchanges.Count(e => e.Status == 400)), Is.Positive, "refused nonces");
        Assert.That(Policies.Sum(p => p.Acme.Count(AcmeRequestKind.Other)), Is.Zero);
    }
}
