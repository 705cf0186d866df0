using CertOperator.Crds.Policies;
using CertOperator.EndToEnd.Harness;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.BadInput;

/// <summary>An operator that lacks rights says so where the person looks who waits for a certificate.</summary>
public sealed class MissingRightsTests : ClusterTest
{
    [Test]
    public async Task What_the_API_server_forbids_is_told_by_the_policy_until_it_is_granted()
    {
        var unread = new PolicyBuilder(Cluster, "unread");
        var unmade = new PolicyBuilder(Cluster, "unmade");
        bool granted = false;
        Cluster.Api.Hooks.Before = request => Task.FromResult(
            Volatile.Read(ref granted) ? null
            : request is { Verb: "get", Resource: "secrets" } && request.Name == unread.SecretName ? Forbidden("get", "secrets")
            : request is { Verb: "create", Resource: "certificaterenewalruns" } && request.Http.BodyText.Contains("unmade", StringComparison.Ordinal) ? Forbidden("create", "certificaterenewalruns")
            : null);
        OperatorUnderTest op = await Cluster.StartOperatorAsync();
        await Cluster.CreateAsync(unread);
        await Cluster.CreateAsync(unmade);

        foreach ((PolicyBuilder policy, string right) in new[] { (unread, "cannot get resource \"secrets\""), (unmade, "cannot create resource \"certificaterenewalruns\"") })
        {
            CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");
            Assert.That(stalled.Condition("Stalled")!.Reason, Is.EqualTo("Forbidden"));
            Assert.That(stalled.Condition("Stalled")!.Message, Does.Contain(right).And.Contain("Grant that right"));
            Assert.That(stalled.Is("Ready"), Is.False);
        }

        Assert.That(Cluster.Acme.Exchanges, Is.Empty);
        Volatile.Write(ref granted, true);
        foreach (PolicyBuilder policy in new[] { unread, unmade })
        {
            CertificateRenewalPolicy ready = await Cluster.WaitUntilReadyAsync(policy.Name);
            Assert.That(ready.Is("Stalled"), Is.False);
        }

        Assert.That(op.HasExited, Is.False);
    }

    private static ProxiedAnswer Forbidden(string verb, string resource) => ProxiedAnswer.Of(
        403,
        "application/json",
        $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"{{resource}} is forbidden: User \"system:serviceaccount:certoperator-system:certoperator\" cannot {{verb}} resource \"{{resource}}\" in API group \"\""}""");
}
