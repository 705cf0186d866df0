using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport.Certificates;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Authorities;

public sealed class UnusableCertificateTests : ProxiedPoliciesTest
{
    [Test]
    public async Task What_a_CA_sends_is_checked_before_the_pair_in_use_is_touched()
    {
        using var authority = TestAuthority.CreateRoot(TimeProvider.System);
        TestAuthority middle = authority.CreateIntermediate("Middle");
        DateTimeOffset yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);
        var cases = new (string Name, string Reason, string Said, Func<CapturedRequest, string, ProxiedAnswer, ProxiedAnswer> Answer)[]
        {
            ("another-key", "KeyMismatch", "another key", (_, host, a) => a.WithBody(Leaf(authority, new LeafRequest(host)))),
            ("another-name", "NameMissing", "does not hold the name", (csr, _, a) => a.WithBody(csr.IssueFor(authority, "other.example.com"))),
            ("expired", "Expired", "ended at", (csr, _, a) => a.WithBody(Leaf(authority, csr, yesterday.AddDays(-90), yesterday))),
            ("not-yet-valid", "NotYetValid", "is valid from", (csr, _, a) => a.WithBody(Leaf(authority, csr, yesterday.AddDays(3), yesterday.AddDays(90)))),
            ("intermediate-missing", "BrokenChain", "lacks 'CN=Middle'", (csr, _, a) => a.WithBody(Leaf(middle, csr, yesterday, yesterday.AddDays(90)) + authority.Pem)),
            ("html-page", "NotAnAcmeServer", "text/html", (_, _, _) => ProxiedAnswer.Of(200, "text/html", "<h1>Welcome</h1>")),
            ("html-as-pem", "NotAnAcmeServer", "PEM", (_, _, a) => a.WithBody("<h1>Welcome</h1>")),
            ("five-megabytes", "NotAnAcmeServer", "larger than", (_, _, a) => a.WithBody(a.BodyText + new string('\n', 5 * 1024 * 1024))),
            ("cut-off", "", "", (_, _, a) => a.WithBody(a.BodyText[..(a.BodyText.Length / 3)])),
            ("empty", "NotAnAcmeServer", "", (_, _, a) => a.WithBody("")),
        };
        foreach (var c in cases)
        {
            await PolicyAsync(c.Name);
        }

        await Cluster.StartOperatorAsync();
        await CreateAllAsync();
        var before = new Dictionary<string, Secret>();
        for (int i = 0; i < cases.Length; i++)
        {
            var answer = cases[i].Answer;
            ProxiedPolicy policy = Policies[i];
            await Cluster.WaitUntilReadyAsync(policy.Name);
            before[policy.Name] = await SecretOfAsync(policy);
            CapturedRequest csr = CapturedRequest.From(policy.Acme);
            policy.Acme.Hooks.After = (request, sent) => Task.FromResult(request.Kind == AcmeRequestKind.Certificate ? answer(csr, policy.Builder.Hostname, sent) : sent);
            await Cluster.RequestRenewalAsync(policy.Name, "now");
        }

        using (Assert.EnterMultipleScope())
        {
            for (int i = 0; i < cases.Length; i++)
            {
                ProxiedPolicy policy = Policies[i];
                IReadOnlyList<CertificateRenewalRun> runs = await Cluster.WaitForFinishedRunsAsync(policy.Name, 2);
                CertificateRenewalPolicy reported = await WaitUntilFailedAsync(policy);
                RunStatus failed = runs[^1].Status!;
                Assert.That(runs, Has.Count.EqualTo(2), policy.Name);
                Assert.That(failed.Phase, Is.EqualTo(RunPhase.Failed), policy.Name);
                Assert.That(failed.Reason, cases[i].Reason.Length == 0 ? Is.Not.Empty : Is.EqualTo(cases[i].Reason), $"{policy.Name}: {failed.Message}");
                Assert.That(failed.Message, Does.Contain(cases[i].Said), policy.Name);
                Assert.That(failed.Message, Has.Length.LessThan(1000), policy.Name);
                Assert.That((await SecretOfAsync(policy)).Metadata.ResourceVersion, Is.EqualTo(before[policy.Name].Metadata.ResourceVersion), $"{policy.Name}: the Secret was touched");
                Assert.That(reported.Is("Ready"), $"{policy.Name}: {reported.Condition("Ready")?.Message}");
                Assert.That(reported.Status!.NextAttemptTime, Is.Not.Null, policy.Name);
                Assert.That(policy.Acme.OrdersPlaced, Is.EqualTo(2), policy.Name);
                Assert.That(policy.Acme.OrdersFinalized, Is.EqualTo(2), policy.Name);
                Assert.That(policy.Acme.Count(AcmeRequestKind.Certificate), Is.EqualTo(2), policy.Name);
            }
        }
    }

    private Task<Secret> SecretOfAsync(ProxiedPolicy policy) => Cluster.Secrets.GetAsync(Cluster.Name(policy.Builder.SecretName), CancellationToken.None);

    private static string Leaf(TestAuthority authority, LeafRequest request)
    {
        using IssuedLeaf leaf = authority.Issue(request);
        return leaf.ChainPem;
    }

    private static string Leaf(TestAuthority authority, CapturedRequest csr, DateTimeOffset from, DateTimeOffset to)
    {
        using var leaf = authority.IssueForRequest(csr.Der, from, to);
        return leaf.ExportCertificatePem() + "\n";
    }
}
