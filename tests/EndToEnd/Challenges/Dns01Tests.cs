using System.Security.Cryptography.X509Certificates;
using System.Text;
using CertOperator.Crds.Policies;
using CertOperator.Crds.Runs;
using CertOperator.EndToEnd.Harness;
using CertOperator.Kubernetes;
using CertOperator.TestSupport;
using CertOperator.TestSupport.Proxies;
using NUnit.Framework;

namespace CertOperator.EndToEnd.Challenges;

/// <summary>dns-01 by dynamic updates, with a real name server and a CA that asks it.</summary>
public sealed class Dns01Tests : DnsTest
{
    private const string Closed = "closed.test";

    protected override BindOptions DnsSettings => new()
    {
        Keys = [Key, new BindKey("other", "hmac-sha512", Key.Secret)],
        Zones =
        [
            new BindZone(Zone) { UpdatedBy = KeyName },
            new BindZone(Closed),
        ],
    };

    [Test]
    public async Task A_wildcard_and_its_apex_are_proven_in_one_order_by_two_values_at_one_name()
    {
        const string Record = $"_acme-challenge.{Zone}";
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        IReadOnlyList<string> seen = [];
        Cluster.Acme.Hooks.Before = async request =>
        {
            if (request.Kind == AcmeRequestKind.Challenge && seen.Count == 0)
            {
                seen = await Dns.TxtAsync(Record);
            }

            return null;
        };
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        CertificateRenewalRun run = await OnlyRunAsync(policy);
        Assert.That(seen, Has.Count.EqualTo(2).And.Unique, "values at the name when the CA was asked to look");
        Assert.That(run.Status!.Phase, Is.EqualTo(RunPhase.Succeeded));
        Assert.That(run.Status.Steps!.Single(s => s.Name == StepName.CleanUp).State, Is.EqualTo(StepState.Done));
        Assert.That(Cluster.Acme.OrdersPlaced, Is.EqualTo(1));
        Assert.That(await NamesInSecretAsync(policy.SecretName), Is.EquivalentTo(new[] { $"*.{Zone}", Zone }));
        await AssertNothingLeftAsync(Record);
    }

    [Test]
    public async Task A_value_of_somebody_else_at_the_same_name_stays()
    {
        const string Record = $"_acme-challenge.a.b.c.{Zone}";
        await CreateSecretAsync();
        await CreateSolverAsync();
        await ToolProcess.RunAsync(
            "nsupdate",
            ["-y", $"hmac-sha256:{KeyName}:{Key.Secret}"],
            new ToolOptions { Input = $"server 127.0.0.1 {Dns.Port}\nzone {Zone}\nupdate add {Record} 60 TXT \"of somebody else\"\nsend\n" });
        await StartOperatorAsync();
        PolicyBuilder policy = new PolicyBuilder(Cluster).With(s => s with { Hostname = $"a.b.c.{Zone}", Challenge = ChallengeKind.Dns01 });
        await Cluster.CreateAsync(policy);

        await Cluster.WaitUntilReadyAsync(policy.Name);

        Assert.That(await Dns.TxtAsync(Record), Is.EqualTo(new[] { "of somebody else" }));
    }

    [TestCase("hmac-sha256", KeyName, "d3Jvbmc=", "BADSIG", TestName = "A_wrong_TSIG_secret_is_named")]
    [TestCase("hmac-sha256", "unknown", null, "BADKEY", TestName = "A_TSIG_key_that_the_server_does_not_know_is_named")]
    [TestCase("hmac-sha512", KeyName, null, "BADKEY", TestName = "A_wrong_TSIG_algorithm_is_named")]
    public async Task A_key_that_the_server_refuses(string algorithm, string key, string? secret, string expected)
    {
        await CreateSecretAsync(secret);
        await CreateSolverAsync(server: s => s with { TsigKeyName = key, TsigAlgorithm = algorithm });
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Message, Does.Contain("NOTAUTH").And.Contain(expected).And.Contain(key).And.Contain($"zone {Zone}").And.Contain("rfc2136"));
        Assert.That(run.Status.Message, Does.Not.Contain(Key.Secret));
        Assert.That(ChallengesAnswered, Is.Zero);
        await AssertNothingLeftAsync($"_acme-challenge.{Zone}");
    }

    [Test]
    public async Task A_zone_that_takes_no_updates_is_named()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Closed);
        await Cluster.CreateAsync(policy);

        CertificateRenewalRun run = await OnlyRunAsync(policy);

        Assert.That(run.Status!.Message, Does.Contain("REFUSED").And.Contain($"zone {Closed}").And.Contain("update-policy"));
        Assert.That(ChallengesAnswered, Is.Zero);
    }

    [Test]
    public async Task A_name_without_a_zone_is_named()
    {
        await CreateSecretAsync();
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), "nowhere.example");
        await Cluster.CreateAsync(policy);

        await Cluster.WaitForPolicyAsync(policy.Name, p => p.Status is not null, "to say something");
        CertificateRenewalRun run = await Eventually.GetAsync(
            async _ => (await Cluster.RunsOfAsync(policy.Name)).SingleOrDefault(),
            r => r?.Status?.Message?.Contains("_acme-challenge.nowhere.example", StringComparison.Ordinal) == true,
            Deadlines.Run,
            "the run to say what is wrong") ?? throw new InvalidOperationException();

        Assert.That(run.Status!.Message, Does.Contain("REFUSED").And.Contain(Dns.EndPoint));
    }

    [Test]
    public async Task A_missing_secret_stalls_the_policy_until_it_is_there()
    {
        await CreateSolverAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");
        Assert.That(stalled.Condition("Stalled")!.Reason, Is.EqualTo("MissingSecret"));
        Assert.That(stalled.Condition("Stalled")!.Message, Does.Contain("rfc2136.tsigSecretName").And.Contain("Create it with key secret"));
        Assert.That(Cluster.Acme.Exchanges, Is.Empty);

        await CreateSecretAsync();

        await Cluster.WaitUntilReadyAsync(policy.Name);
    }

    [Test]
    public async Task A_solver_that_is_added_later_is_used_at_once()
    {
        await CreateSecretAsync();
        await StartOperatorAsync();
        PolicyBuilder policy = Wildcard(new PolicyBuilder(Cluster), Zone);
        await Cluster.CreateAsync(policy);
        CertificateRenewalPolicy stalled = await Cluster.WaitForPolicyAsync(policy.Name, p => p.Is("Stalled"), "to be stalled");
        Assert.That(stalled.Condition("Stalled")!.Message, Does.Contain("spec.challenge").And.Contain("spec.solvers"));

        await CreateSolverAsync();

        await Cluster.WaitUntilReadyAsync(policy.Name);
    }

    private async Task<IReadOnlyList<string>> NamesInSecretAsync(string name)
    {
        Secret secret = await Cluster.Secrets.GetAsync(Cluster.Name(name), CancellationToken.None);
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(secret.Data!["tls.crt"]));
        return [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames()];
    }
}
